"""Everything that Redis runs for cache-aside: each script is one step that nothing can come between.

KEYS are always the key, its lease, and (where a form matters) its side key. How an entry is laid out says `entry`.
"""

from typing import Final

from candlefish.client.redis.script import Script

_READ_ENTRIES: Final = """
local function is_entry(raw) return raw and #raw >= 25 and string.byte(raw, 1) >= 16 and string.byte(raw, 1) < 64 end
local function fingerprint(raw) return string.sub(raw, 2, 5) end
local function stamp(raw) return string.sub(raw, 6, 13) end
"""

TAKE: Final = Script(
    _READ_ENTRIES
    + """
-- ARGV: fingerprint, stamp that is not wanted, token, lease in ms, 'anew' to load whatever is there
-- gives the entry, or nil for a granted lease, or the ms that another's lease still lasts
local entry = redis.call('GET', KEYS[1])
if is_entry(entry) and ARGV[5] ~= 'anew' then
  if fingerprint(entry) == ARGV[1] then
    if stamp(entry) ~= ARGV[2] then return entry end
  else
    local side = redis.call('GET', KEYS[3])
    local beside = side and string.sub(side, 1, 8)
    local own = side and string.sub(side, 9)
    if beside == stamp(entry) and is_entry(own) and stamp(own) ~= ARGV[2] then return own end
  end
end
if ARGV[5] == 'anew' then
  redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
elseif not redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[4]) then
  return redis.call('PTTL', KEYS[2])
end
redis.call('GET', KEYS[2]) -- read after it was written, so that its holder too is told when it changes
return nil
"""
)

FILL: Final = Script(
    _READ_ENTRIES
    + """
-- ARGV: token, entry, TTL in ms; gives 1 when it was kept, 0 when the lease is lost
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local head = redis.call('GETRANGE', KEYS[1], 0, 24)
local kept
if is_entry(head) and fingerprint(head) ~= fingerprint(ARGV[2]) then
  kept = redis.pcall('SET', KEYS[3], stamp(head) .. ARGV[2], 'PX', ARGV[3])
else
  kept = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
redis.call('DEL', KEYS[2]) -- after the SET: once a script has written, a full Redis lets it write on
return kept.err and kept or 1
"""
)

RENEW: Final = Script(
    """
-- ARGV: token, lease in ms; gives 1 while the lease is held
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('GET', KEYS[2])
return 1
"""
)

RELEASE: Final = Script(
    """
-- ARGV: token; gives the lease back to whoever waits for it
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[2])
"""
)

STORE: Final = Script(
    """
-- ARGV: entry, TTL in ms; what is being loaded meanwhile is older, and loses its lease, as does what was kept
local kept = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[2])
if kept.err then redis.call('DEL', KEYS[1]) end
return kept.err and kept or 1
"""
)
