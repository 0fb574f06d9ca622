import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.SUPABASE_URL!, process.env.SUPABASE_ANON_KEY!)

export async function catalogue() {
  return supabase.from('courses').select('id, title, level').eq('is_active', true)
}

export async function register(profileId: string, courseId: string) {
  return supabase.from('course_registrations').insert({ profile_id: profileId, course_id: courseId })
}

export async function progress(profileId: string) {
  return supabase.from('course_progress').select('course_id, percent, quiz_score').eq('profile_id', profileId)
}

export async function metrics(profileId: string) {
  return supabase.from('cognitive_capital_metrics').select('*').eq('profile_id', profileId)
}

export async function pathways() {
  return supabase.from('learning_pathways').select('id, title, course_ids')
}
