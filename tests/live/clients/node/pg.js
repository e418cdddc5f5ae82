// What a program does with a write pool and a read pool of `pg`; prints what it found as JSON.
const { Client, Pool } = require('pg')

const write = new Pool({ connectionString: process.env.CANDLEFISH_MAIN_URL, max: 8 })
const read = new Pool({ connectionString: process.env.CANDLEFISH_READ_URL, max: 8 })

async function main() {
  await write.query('create table words (id int primary key, word text)')
  await Promise.all(
    Array.from({ length: 100 }, async (_, id) => {
      const client = await write.connect()
      try {
        await client.query('begin')
        await client.query('insert into words values ($1, $2)', [id, `word ${id}`])
        await client.query('commit')
      } finally {
        client.release()
      }
    }),
  )
  const committed = (await write.query('select count(*)::int as n from words')).rows[0].n

  const client = await write.connect()
  await client.query('begin')
  await client.query('delete from words')
  await client.query('rollback')
  client.release()
  const afterRollback = (await write.query('select count(*)::int as n from words')).rows[0].n

  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => read.query('select pg_is_in_recovery() as replica, $1::int as n', [n])),
  )
  const refused = await read.query('create table nowhere ()').catch((error) => error.code)

  const session = new Client({ connectionString: process.env.CANDLEFISH_SESSION_URL })
  await session.connect()
  await session.query("set application_name = 'kept'")
  const kept = (await session.query('show application_name')).rows[0].application_name
  await session.end()

  console.log(
    JSON.stringify({
      committed,
      after_rollback: afterRollback,
      reads_on_replicas: [...new Set(answers.map((answer) => answer.rows[0].replica))],
      written_through_read: refused,
      session: kept,
    }),
  )
  await Promise.all([write.end(), read.end()])
}

main()
