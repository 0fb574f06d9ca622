import { supabase } from './supabase'

export async function notesOn(clientId: string) {
  return supabase.from('client_notes').select('id, note, created_at').eq('client_id', clientId).order('created_at')
}

export async function openDispute(sessionId: string, reason: string) {
  return supabase.from('disputes').insert({ session_id: sessionId, reason })
}
