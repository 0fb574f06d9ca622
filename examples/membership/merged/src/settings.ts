import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY!)

export async function loadSettings(userId: string) {
  return supabase.from('user_settings').select('theme, language, timezone').eq('user_id', userId).single()
}

export async function notifications(userId: string) {
  return supabase
    .from('user_notification_preferences')
    .select('email_enabled, push_enabled, quiet_hours')
    .eq('user_id', userId)
    .maybeSingle()
}

export async function news() {
  return supabase.from('newsfeedpost').select('title, body, published_at').order('published_at')
}
