import { supabase } from './sync'

export async function dueReminders(until: string) {
  return supabase.from('symptom_reminder').select('id, ciphertext, fires_at').lte('fires_at', until).order('fires_at')
}

export async function invitePartner(partnerId: string) {
  return supabase.from('partner_share').insert({ partner_id: partnerId })
}
