import { supabase } from './supabase'

export async function lookUp(name: string) {
  return supabase.from('nip05_records').select('name, pubkey').eq('name', name).eq('is_active', true).maybeSingle()
}

export async function myIdentity(profileId: string) {
  return supabase
    .from('user_identities')
    .select('id, role, hashed_npub, family:families (id, family_name)')
    .eq('profile_id', profileId)
    .single()
}
