import { sql } from './database'

export async function queue() {
  return sql`
    select q.position, p.first_name, m.tier
    from membership_queue q
    join user_profiles p on p.user_id = q.user_id
    left join user_memberships m on m.user_id = q.user_id
    order by q.position
  `
}
