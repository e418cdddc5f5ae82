// What a program does with `ioredis` through Sentinel, and what a cluster client meets; prints what it found as JSON.
const Redis = require('ioredis')

const [, password, hosts, name] = process.env.CANDLEFISH_SENTINEL_URL.match(/\/\/[^:]*:(.*)@(.*)\/(.*)$/)
const secret = decodeURIComponent(password)
const sentinels = hosts.split(',').map((address) => {
  const [host, port] = address.split(':')
  return { host, port: Number(port) }
})
const options = { sentinels, name, password: secret, sentinelPassword: secret }

async function askCluster() {
  const [host, port] = process.env.REDIS_ENDPOINT.split(':')
  const node = { host, port: Number(port) }
  const cluster = new Redis.Cluster([node], {
    redisOptions: { password: secret },
    clusterRetryStrategy: null,
    lazyConnect: true,
  })
  const said = []
  cluster.on('error', (error) => said.push(error.message, error.lastNodeError?.message))
  await cluster.connect().catch((error) => said.push(error.message, error.lastNodeError?.message))
  cluster.disconnect()
  return said.filter(Boolean).join('; ')
}

async function main() {
  const primary = new Redis(options)
  const replica = new Redis({ ...options, role: 'slave' })
  await primary.set('clients:ioredis', 'kept', 'EX', 60)
  await primary.wait(1, 5000)
  const pipeline = primary.pipeline()
  for (let n = 0; n < 100; n += 1) pipeline.set(`clients:ioredis:${n}`, n, 'EX', 60)
  const answers = await pipeline.exec()
  console.log(
    JSON.stringify({
      role: (await primary.role())[0],
      replica_role: (await replica.role())[0],
      read: await primary.get('clients:ioredis'),
      pipelined: answers.filter(([error, answer]) => !error && answer === 'OK').length,
      cluster: await askCluster(),
    }),
  )
  await Promise.all([primary.quit(), replica.quit()])
}

main()
