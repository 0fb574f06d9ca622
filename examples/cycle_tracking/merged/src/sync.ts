import { createClient } from '@supabase/supabase-js'

export const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!)

export async function pull(since: string) {
  return supabase.from('encrypted_cycle_data').select('id, ciphertext, nonce, version').gt('updated_at', since)
}

export async function push(id: string, ciphertext: string, nonce: string, version: number) {
  return supabase.rpc('update_cycle_data_optimistic', {
    p_id: id,
    p_ciphertext: ciphertext,
    p_nonce: nonce,
    p_version: version,
  })
}

export async function shares() {
  return supabase.from('healthcare_share').select('id, scope, created_at, share_token (expires_at)').is('revoked_at', null)
}

export async function passkeyChallenge(userId: string) {
  return supabase.from('webauthn_challenges').select('challenge').eq('user_id', userId).maybeSingle()
}
