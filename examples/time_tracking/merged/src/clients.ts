import { supabase } from './supabase'

export async function listClients(providerId: string) {
  return supabase
    .from('relationships')
    .select('id, created_at, client:users!relationships_client_id_fkey (id, name, email)')
    .eq('provider_id', providerId)
    .order('created_at')
}

export async function renameClient(id: string, name: string) {
  return supabase.from('users').update({ display_name: name }).eq('id', id)
}

export async function endRelationship(clientId: string) {
  return supabase.rpc('end_relationship', { client: clientId })
}
