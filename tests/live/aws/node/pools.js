// What docs/aws-environment.md says about `pg` and `ioredis`, and what `pg` does without it.

const fs = require('fs')
const { Pool } = require('pg')
const Redis = require('ioredis')

// node-postgres 8 takes sslmode=require for verify-full; with this it means what libpq means by it.
const libpq = (url) => (url.includes('sslmode=require') ? `${url}&uselibpqcompat=true` : url)

const ask = async (connectionString) => {
  const pool = new Pool({ connectionString })
  try {
    return (await pool.query('select 6 * 7 as answer')).rows[0].answer
  } catch (error) {
    return error.code
  } finally {
    await pool.end()
  }
}

async function main() {
  const { CANDLEFISH_MAIN_URL, CANDLEFISH_ADMIN_URL, CANDLEFISH_REDIS_URL, VERIFIED_URL, AUTHORITY } = process.env
  const redis = new Redis(CANDLEFISH_REDIS_URL, { tls: { ca: fs.readFileSync(AUTHORITY) } })
  await redis.set('node', 'kept')
  const found = {
    main: await ask(libpq(CANDLEFISH_MAIN_URL)),
    admin: await ask(libpq(CANDLEFISH_ADMIN_URL)),
    verified: await ask(VERIFIED_URL),
    without: await ask(CANDLEFISH_MAIN_URL),
    encrypted: redis.stream.encrypted === true && redis.stream.authorized,
    kept: await redis.get('node'),
  }
  await redis.quit()
  console.log(JSON.stringify(found))
}

main()
