import { NextResponse } from 'next/server'
import { supabase } from '../../../../supabase'

export async function GET(request: Request) {
  const courseId = new URL(request.url).searchParams.get('course')!

  const { data: enrollments, error } = await supabase
    .from('course_enrollments')
    .select('id, user_id, status, last_accessed_at, user:users (id, full_name, email, avatar_url)')
    .eq('course_id', courseId)
    .order('last_accessed_at', { ascending: false })
  if (error) return NextResponse.json({ error: error.message }, { status: 500 })

  const { data: progress } = await supabase
    .from('lesson_progress')
    .select('enrollment_id, completed, lesson:course_lessons (title, content_type)')
    .in('enrollment_id', enrollments.map((row) => row.id))

  const { data: attempts } = await supabase
    .from('quiz_attempts')
    .select('user_id, score, max_score')
    .eq('course_id', courseId)

  return NextResponse.json({ enrollments, progress, attempts })
}
