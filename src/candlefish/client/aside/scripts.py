"""Everything that Redis runs for cache-aside: each script is one step that nothing can come between.

KEYS are always the key, its lease, its fence, and (where a form matters) its side key. How an entry is laid out says
`entry`, and how a fence `fences`. An entry or a fence of another epoch counts as absent.
"""

from typing import Final

from candlefish.client.aside.entry import BASIS_OFFSET, HEADER_BYTES, STAMP_OFFSET
from candlefish.client.aside.fences import FENCE_MS
from candlefish.client.redis.epoch import EPOCH_BYTES
from candlefish.client.redis.script import Script

_READ_ENTRIES: Final = f"""
local function is_entry(raw, basis)
  return raw and #raw >= {HEADER_BYTES} and string.byte(raw, 1) >= 16 and string.byte(raw, 1) < 64
    and string.sub(raw, {BASIS_OFFSET + 1}, {STAMP_OFFSET}) == basis
end
local function read_head(key) return redis.call('GETRANGE', key, 0, {HEADER_BYTES - 1}) end
local function fingerprint(raw) return string.sub(raw, 2, 5) end
local function stamp(raw) return string.sub(raw, {STAMP_OFFSET + 1}, {STAMP_OFFSET + 8}) end
"""

_KEEP_FENCE: Final = f"""
local EPOCH_BYTES = {EPOCH_BYTES}
local function keep_fence(fence) redis.call('SET', KEYS[3], fence, 'PX', {FENCE_MS}) end
local function read_fence(epoch)
  local raw = redis.call('GET', KEYS[3])
  return raw and string.sub(raw, 1, EPOCH_BYTES) == epoch and raw
end
local function take_fence(epoch, mark)
  local fence = read_fence(epoch)
  if not fence then
    fence = epoch .. '- ?' .. mark
    keep_fence(fence)
  end
  return fence
end
local function raise_fence(taken, text)
  if text ~= '' and redis.call('GET', KEYS[3]) == taken then
    keep_fence(string.sub(taken, 1, EPOCH_BYTES) .. text)
  end
end
"""

TAKE: Final = Script(
    _READ_ENTRIES
    + _KEEP_FENCE
    + """
-- ARGV: fingerprint, stamp that is not wanted, token, lease in ms, 'anew' to load whatever is there, epoch, mark, basis
-- gives the entry, or the ms that another's lease still lasts, or for a granted lease the fence in a list
local entry = redis.call('GET', KEYS[1])
if is_entry(entry, ARGV[8]) and ARGV[5] ~= 'anew' then
  if fingerprint(entry) == ARGV[1] then
    if stamp(entry) ~= ARGV[2] then return entry end
  else
    local side = redis.call('GET', KEYS[4])
    local beside = side and string.sub(side, 1, 8)
    local own = side and string.sub(side, 9)
    if beside == stamp(entry) and is_entry(own, ARGV[8]) and stamp(own) ~= ARGV[2] then return own end
  end
end
if ARGV[5] == 'anew' then
  redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
elseif not redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[4]) then
  return redis.call('PTTL', KEYS[2])
end
redis.call('GET', KEYS[2]) -- read after it was written, so that its holder too is told when it changes
return {take_fence(ARGV[6], ARGV[7])}
"""
)

FILL: Final = Script(
    _READ_ENTRIES
    + _KEEP_FENCE
    + """
-- ARGV: token, entry, TTL in ms, basis, fence as it was taken, and as it is now that the load has read the primary
-- gives 1 when it was kept, 0 when the lease is lost
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local head = read_head(KEYS[1])
local kept
if is_entry(head, ARGV[4]) and fingerprint(head) ~= fingerprint(ARGV[2]) then
  kept = redis.pcall('SET', KEYS[4], stamp(head) .. ARGV[2], 'PX', ARGV[3])
else
  kept = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
redis.call('DEL', KEYS[2]) -- after the SET: once a script has written, a full Redis lets it write on
raise_fence(ARGV[5], ARGV[6])
return kept.err and kept or 1
""",
    changes=True,
)

OPEN: Final = Script(
    _KEEP_FENCE
    + f"""
-- of a tag. ARGV: a new version, the ms for which one is needed, epoch, mark
-- gives the version that the tag has, or has now, and its fence
local version = redis.call('GET', KEYS[1])
if not version or #version ~= {HEADER_BYTES} then
  version = ARGV[1]
  redis.call('SET', KEYS[1], version, 'PX', 2 * ARGV[2])
elseif redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], 2 * ARGV[2])
end
return {{version, take_fence(ARGV[3], ARGV[4])}}
"""
)

RAISE: Final = Script(
    _KEEP_FENCE
    + """
-- ARGV: fence as it was taken, and as it is now that a load has read the primary
raise_fence(ARGV[1], ARGV[2])
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
""",
    changes=True,
)

_READ_FENCE: Final = (
    _KEEP_FENCE
    + """
local function pair(text)
  local timeline, number = string.match(text, '^(%d+)%.(%d+)$')
  return tonumber(timeline), tonumber(number)
end
local function parse(raw)
  local words = {}
  if raw then for word in string.gmatch(string.sub(raw, EPOCH_BYTES + 1), '%S+') do words[#words + 1] = word end end
  local system, floor = table.remove(words, 1), table.remove(words, 1)
  return system or '-', floor or '?', words
end
local function forget(epoch, mark)
  redis.call('DEL', KEYS[1], KEYS[2])
  local system, _, writers = parse(read_fence(epoch))
  if #writers == 0 then redis.call('DEL', KEYS[3]) return end
  keep_fence(epoch .. system .. ' ?' .. mark .. ' ' .. table.concat(writers, ' '))
end
"""
)

INVALIDATE: Final = Script(
    _READ_FENCE
    + """
-- ARGV: epoch, mark; what was committed before this is to be read from the primary
forget(ARGV[1], ARGV[2])
""",
    changes=True,
)

ANNOUNCE: Final = Script(
    _READ_FENCE
    + """
-- ARGV: epoch, mark, and of the transaction that is about to commit: system, timeline, xid, LSN, and its snapshot as
-- xmin, xmax and the running ids in between, with a comma before and after each
redis.call('DEL', KEYS[1], KEYS[2])
local system, floor, writers = parse(read_fence(ARGV[1]))
if system ~= '-' and system ~= ARGV[3] then floor, writers = '?', {} end
local timeline, lsn, xmin, xmax = tonumber(ARGV[4]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local own = ARGV[4] .. '.' .. ARGV[5]
local kept = {}
for _, writer in ipairs(writers) do
  local its_timeline, xid = pair(writer)
  local listed = string.find(ARGV[9], string.format(',%.0f,', xid), 1, true)
  local ended = its_timeline < timeline or its_timeline == timeline and xid < xmax and (xid < xmin or not listed)
  if not ended and writer ~= own then kept[#kept + 1] = writer end
end
kept[#kept + 1] = own
if string.sub(floor, 1, 1) == '?' then
  floor = '?' .. ARGV[2]
else
  local its_timeline, its_lsn = pair(floor)
  if timeline > its_timeline or (timeline == its_timeline and lsn > its_lsn) then floor = ARGV[4] .. '.' .. ARGV[6] end
end
keep_fence(ARGV[1] .. ARGV[3] .. ' ' .. floor .. ' ' .. table.concat(kept, ' '))
""",
    changes=True,
)

CONFIRM: Final = Script(
    _READ_FENCE
    + """
-- ARGV: epoch, mark, TIMELINE.XID of a transaction that has been announced and has ended
-- where the fence has been lost since, what was read before the commit may have been kept
local _, _, writers = parse(read_fence(ARGV[1]))
for _, writer in ipairs(writers) do if writer == ARGV[3] then return 1 end end
forget(ARGV[1], ARGV[2])
return 0
""",
    changes=True,
)
