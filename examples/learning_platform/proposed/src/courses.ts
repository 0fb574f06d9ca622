import { supabase } from './supabase'

export async function catalogue() {
  return supabase
    .from('courses')
    .select('id, title, enrolled_count, instructor:instructor_profiles (bio, rating)')
    .eq('status', 'published')
    .order('title')
}

export async function handIn(userId: string, lessonId: string, url: string) {
  return supabase.from('assignment_submissions').insert({ user_id: userId, lesson_id: lessonId, submission_url: url })
}
