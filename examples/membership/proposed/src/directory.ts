import { sql } from './database'

export async function directory(prefix: string) {
  return sql`select id, first_name, last_name from member_directory where last_name like ${prefix + '%'}`
}
