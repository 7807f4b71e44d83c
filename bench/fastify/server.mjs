// The same work as three operations of the API, written plainly with Fastify and SQLite: a key checked by its hash, a rate limit, one
// indexed read; a list of twenty; a durable write with its Idempotency-Key in the same transaction. For tools/cost.py.
// usage: node server.mjs <database file>; prints {"port": ..., "key": ..., "number": ...}
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import Fastify from 'fastify';

const db = new DatabaseSync(process.argv[2]);
db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4096;
  CREATE TABLE keys (hash TEXT PRIMARY KEY, tenant TEXT);
  CREATE TABLE numbers (id TEXT PRIMARY KEY, tenant TEXT, phone TEXT, label TEXT, status TEXT, created INTEGER);
  CREATE INDEX numbers_tenant ON numbers (tenant, created, id);
  CREATE TABLE routes (number TEXT PRIMARY KEY, id TEXT, body TEXT, updated INTEGER);
  CREATE TABLE idempotency (tenant TEXT, key TEXT, print TEXT, status INTEGER, body TEXT, created INTEGER, PRIMARY KEY (tenant, key)) WITHOUT ROWID;`);
const hash = text => createHash('sha256').update(text).digest('hex');
const key = 'vp_test_0000000000000000000001';
db.prepare('INSERT INTO keys VALUES (?, ?)').run(hash(key), 'ten_1');
const insert = db.prepare('INSERT INTO numbers VALUES (?, ?, ?, ?, ?, ?)');
for (let n = 1; n <= 25; ++n) insert.run(`num_${n}`, 'ten_1', `+9180400000${String(n).padStart(2, '0')}`, `Number ${n}`, 'assigned', n);

const sql = {
  key: db.prepare('SELECT tenant FROM keys WHERE hash = ?'),
  number: db.prepare('SELECT * FROM numbers WHERE id = ? AND tenant = ?'),
  numbers: db.prepare('SELECT * FROM numbers WHERE tenant = ? ORDER BY created, id LIMIT ?'),
  known: db.prepare('SELECT print, status, body FROM idempotency WHERE tenant = ? AND key = ?'),
  route: db.prepare(`INSERT INTO routes VALUES (?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET body = excluded.body, updated = excluded.updated`),
  finish: db.prepare('INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)'),
};
const app = Fastify({ logger: false });
const owners = new Map();      // key hash to tenant, for 5 s
const buckets = new Map();     // GCRA, one time per bucket
const taken = (name, perSecond, burst) => {
  const now = performance.now(), step = 1000 / perSecond, at = Math.max(buckets.get(name) ?? 0, now);
  if (at - now > burst * step) return false;
  buckets.set(name, at + step);
  return true;
};
app.addHook('onRequest', (request, reply, done) => {
  const shown = request.headers['x-api-key'];
  const digest = shown && hash(shown);
  let owner = digest && owners.get(digest);
  if (digest && !(owner?.until > performance.now())) {
    const row = sql.key.get(digest);
    owner = row && { tenant: row.tenant, until: performance.now() + 5000 };
    if (owner) owners.set(digest, owner);
  }
  if (!owner) return reply.code(401).send({ success: false, error: 'unauthorized', message: 'a valid API key is required' });
  if (!taken(`key ${digest}`, 1e6, 1e6) || !taken(`tenant ${owner.tenant}`, 1e6, 1e6))
    return reply.code(429).send({ success: false, error: 'rate_limited', message: 'too many requests' });
  request.tenant = owner.tenant;
  reply.header('X-Request-Id', request.id).header('Cache-Control', 'no-store');
  done();
});
const number = {
  type: 'object', properties: { id: { type: 'string' }, phoneNumber: { type: 'string' }, label: { type: 'string' }, status: { type: 'string' },
                                createdAt: { type: 'string' } },
};
const shown = row => ({ id: row.id, phoneNumber: row.phone, label: row.label, status: row.status, createdAt: new Date(row.created).toISOString() });
const missing = reply => reply.code(404).send({ success: false, error: 'not_found', message: 'no such number' });
app.get('/v1/numbers/:id', { schema: { response: { 200: number } } }, (request, reply) => {
  const row = sql.number.get(request.params.id, request.tenant);
  return row ? reply.send(shown(row)) : missing(reply);
});
app.get('/v1/numbers', {
  schema: { querystring: { type: 'object', properties: { limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 } } },
            response: { 200: { type: 'object', properties: { data: { type: 'array', items: number } } } } },
}, (request, reply) => reply.send({ data: sql.numbers.all(request.tenant, request.query.limit).map(shown) }));
app.put('/v1/numbers/:id/route', {
  schema: { body: { type: 'object', required: ['primary'], properties: { primary: { type: 'object', required: ['type'], properties: {
    type: { type: 'string', enum: ['hangup', 'control_webhook'] }, url: { type: 'string', maxLength: 2048 } } } } } },
}, (request, reply) => {
  if (!sql.number.get(request.params.id, request.tenant)) return missing(reply);
  const key = request.headers['idempotency-key'], print = hash(`PUT\n${request.url}\n${JSON.stringify(request.body)}`);
  const known = key && sql.known.get(request.tenant, key);
  if (known) return known.print === print ? reply.header('Idempotent-Replayed', 'true').code(known.status).send(JSON.parse(known.body))
                                          : reply.code(409).send({ success: false, error: 'idempotency_key_reused', message: 'another request' });
  const now = Date.now();
  const route = { id: 'route_1', numberId: request.params.id, status: 'active', ...request.body, updatedAt: new Date(now).toISOString() };
  const body = JSON.stringify(route);
  db.exec('BEGIN IMMEDIATE');
  sql.route.run(request.params.id, route.id, body, now);
  if (key) sql.finish.run(request.tenant, key, print, 200, body, now);
  db.exec('COMMIT');
  return reply.send(route);
});
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ port: app.server.address().port, key, number: 'num_1' }));
process.on('SIGTERM', () => process.exit(0));
