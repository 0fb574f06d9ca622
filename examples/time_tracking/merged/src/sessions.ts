import { supabase } from './supabase'

export async function startSession(providerId: string, clientId: string, rate: number) {
  return supabase
    .from('sessions')
    .insert({ provider_id: providerId, client_id: clientId, hourly_rate: rate, crew_size: 1 })
    .select('id, started_at')
    .single()
}

export async function unpaid(clientId: string) {
  return supabase
    .from('sessions')
    .select('id, duration_minutes, person_hours, amount_due, payments (amount, paid_at)')
    .eq('client_id', clientId)
    .in('status', ['unpaid', 'requested'])
    .order('started_at', { ascending: false })
}

export async function invoices(clientId: string) {
  return supabase.from('client_invoices').select('*').eq('client_id', clientId)
}
