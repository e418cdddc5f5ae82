// Named statements of `pg` over transaction pooling, from several connections at once; prints what it found as JSON.
const { Pool } = require('pg')

const pool = new Pool({ connectionString: process.env.CANDLEFISH_MAIN_URL, max: 4 })
const ask = (n) => pool.query({ name: 'next', text: 'select $1::int + 1 as n', values: [n] })

async function main() {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)))
  console.log(JSON.stringify({ answers: answers.map((answer) => answer.rows[0].n) }))
  await pool.end()
}

main()
