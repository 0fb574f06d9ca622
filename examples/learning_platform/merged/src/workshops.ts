import { supabase } from './supabase'

export async function upcoming() {
  return supabase
    .from('workshops')
    .select('id, title, price, starts_at, workshop_registrations (count)')
    .eq('status', 'published')
    .order('starts_at')
}

export async function register(workshopId: string, userId: string) {
  return supabase
    .from('workshop_registrations')
    .upsert({ workshop_id: workshopId, user_id: userId, status: 'registered' }, { onConflict: 'workshop_id,user_id' })
}
