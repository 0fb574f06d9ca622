import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!)

export async function spent(connectionId: string) {
  return supabase
    .from('nwc_transactions')
    .select('payment_hash, amount_sats, settled_at, nwc_connections!inner (wallet_name)')
    .eq('connection_id', connectionId)
}
