// A write pool and a read pool with `pg`, and a cache that survives a failover with `ioredis`.
//
//     npm ci                          in this folder
//     candlefish up
//     eval "$(candlefish env)"
//     node pools.js

const { Pool } = require('pg')
const Redis = require('ioredis')

const write = new Pool({ connectionString: process.env.CANDLEFISH_MAIN_URL })
const read = new Pool({ connectionString: process.env.CANDLEFISH_READ_URL })
const redis = connectRedis()

// Sentinel names the primary of the moment, and the next one after a failover. A tier without Sentinel has one Redis.
function connectRedis() {
  const url = process.env.CANDLEFISH_SENTINEL_URL
  if (!url) return new Redis(process.env.CANDLEFISH_REDIS_URL)
  const [, password, hosts, name] = url.match(/\/\/[^:]*:(.*)@(.*)\/(.*)$/)
  const sentinels = hosts.split(',').map((host) => {
    const [address, port] = host.split(':')
    return { host: address, port: Number(port) }
  })
  const secret = decodeURIComponent(password)
  return new Redis({ sentinels, name, password: secret, sentinelPassword: secret })
}

// Cache-aside: what Redis has is returned, what it does not have is loaded and kept for five minutes.
async function cached(key, load, ttlSeconds = 300) {
  const kept = await redis.get(key)
  if (kept !== null) return JSON.parse(kept)
  const value = await load()
  await redis.set(key, JSON.stringify(value), 'EX', ttlSeconds)
  return value
}

async function main() {
  const now = await write.query('select now() as at')
  console.log('the primary says', now.rows[0].at)
  const load = async () => (await read.query('select pg_is_in_recovery() as replica')).rows[0]
  console.log('answered by a replica:', await cached('example:replica', load))
  console.log('from the cache:', await cached('example:replica', load))
  await redis.del('example:replica')
  await Promise.all([write.end(), read.end(), redis.quit()])
}

main()
