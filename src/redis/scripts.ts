import { createHash } from 'node:crypto';

/** What is published when a turn is given back, and what begins a message that tells of a deletion; all else are records. */
export const TURN_FREE = 't';
export const DELETED = 'd';

/** A Lua script that runs in Redis as one step. Its keys all belong to one session. */
export interface Script {
  readonly lua: string;
  /** What Redis calls it by, once it has seen it. */
  readonly sha: string;
}

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/**
 * What all scripts begin with. A stream knows nothing of an epoch: it lies in the hash, with the id of the server
 * that gave the last position. Another server, or the same one started anew, may have lost records whose
 * positions readers hold, so that the epoch changes there before anything is read or appended.
 */
const PRELUDE = `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or 'none'
local function load(meta, newEpoch, writer)
  local m = redis.call('HMGET', meta, 'epoch', 'run', 'last', 'first', 'ended', 'popped', 'bytes', 'dropped', writer)
  if not m[1] then
    if redis.call('EXISTS', meta) == 1 and redis.call('HEXISTS', meta, 'gone') == 0 then
      return redis.error_reply('BROKEN the hash has no epoch')
    end
    return { last = 0, first = 1, ended = '', popped = 0, bytes = 0, dropped = 0, done = m[9] }
  end
  local state = {
    epoch = m[1], last = tonumber(m[3]), first = tonumber(m[4]), ended = m[5] or '',
    popped = tonumber(m[6] or 0), bytes = tonumber(m[7]), dropped = tonumber(m[8]), done = m[9]
  }
  if not (state.last and state.first and state.popped and state.bytes and state.dropped) then
    return redis.error_reply('BROKEN the hash has no offsets')
  end
  if m[2] ~= run then
    state.epoch = newEpoch
    redis.call('HSET', meta, 'epoch', newEpoch, 'run', run)
  end
  return state
end
local function keepAlive(meta, log, state, ttl, endedTtl)
  if not state.epoch or ttl == '0' then return end
  if state.ended ~= '' then ttl = endedTtl end
  redis.call('PEXPIRE', meta, ttl)
  redis.call('PEXPIRE', log, ttl)
end
local function view(state)
  return { state.epoch or '', state.last, state.first, state.ended, state.popped }
end
`;

/**
 * Appends records, numbers them and publishes them, once however often it is sent.
 *
 * KEYS: meta, log. ARGV: 1 writer, 2 its serial number of this call, 3 whether the call before must have
 * succeeded, 4 an epoch in case one is needed, 5 most records, 6 most bytes, 7 time to live in ms, 8 that of an
 * ended session, 9 channel, 10 command to publish with, 11 offsets to leave out, 12 how the last record ends the
 * session, 13… records. Returns epoch, offset of the first record, whether the log is new, how it had ended.
 */
export const APPEND = script(`${PRELUDE}
local meta, log, writer, serial = KEYS[1], KEYS[2], 'w:' .. ARGV[1], tonumber(ARGV[2])
local state = load(meta, ARGV[4], writer)
if state.err then return state end
local doneSerial, doneFrom, doneAs = string.match(state.done or '', '^(%d+) (%d+) (%w+)$')
doneSerial = tonumber(doneSerial or 0)
if doneSerial == serial then return { doneAs, tonumber(doneFrom), 0, '' } end
if doneSerial > serial then return { '', 0, 0, '' } end
if ARGV[3] == '1' and doneSerial ~= serial - 1 then return redis.error_reply('TRYAGAIN the call before failed') end
local bytes, dropped, isNew = state.bytes, state.dropped, not state.epoch
if isNew then
  state.epoch = ARGV[4]
  if redis.call('EXISTS', log) == 1 then redis.call('DEL', log) end
end
local last = state.last + tonumber(ARGV[11])
local from = last + 1
if isNew then state.first = from end
for i = 13, #ARGV do
  last = last + 1
  redis.call('XADD', log, last .. '-0', 'r', ARGV[i], 'b', bytes)
  bytes = bytes + #ARGV[i]
end
local first, most, room = state.first, tonumber(ARGV[5]), tonumber(ARGV[6])
local function at(offset)
  local found = redis.call('XRANGE', log, offset .. '-0', '+', 'COUNT', 1)[1]
  return found and tonumber(found[2][4]) or bytes
end
if last - first + 1 > most + math.floor(most / 16) then first = last - most + 1 end
if bytes - dropped > room + math.floor(room / 16) then
  local low, high = first, last
  while low < high do
    local middle = math.floor((low + high) / 2)
    if bytes - at(middle) > room then low = middle + 1 else high = middle end
  end
  first = low
end
if first > state.first then
  redis.call('XTRIM', log, 'MINID', first .. '-0')
  dropped = at(first)
end
if not state.done and redis.call('HLEN', meta) > 72 then
  local writers = {}
  for _, field in ipairs(redis.call('HKEYS', meta)) do
    if string.sub(field, 1, 2) == 'w:' then
      local offset = string.match(redis.call('HGET', meta, field), '^%d+ (%d+)')
      table.insert(writers, { field, tonumber(offset or 0) })
    end
  end
  table.sort(writers, function(a, b) return a[2] < b[2] end)
  for i = 1, #writers - 32 do redis.call('HDEL', meta, writers[i][1]) end
end
redis.call('HSET', meta, 'last', last, 'first', first, 'bytes', bytes, 'dropped', dropped, 'ended', ARGV[12],
  writer, serial .. ' ' .. from .. ' ' .. state.epoch)
if isNew then
  redis.call('HSET', meta, 'epoch', state.epoch, 'run', run)
  redis.call('HDEL', meta, 'gone')
end
local ttl = ARGV[12] == '' and ARGV[7] or ARGV[8]
redis.call('PEXPIRE', meta, ttl)
redis.call('PEXPIRE', log, ttl)
redis.call(ARGV[10], ARGV[9], 'r' .. state.epoch .. '-' .. from .. '\\n' .. table.concat(ARGV, '\\n', 13))
return { state.epoch, from, isNew and 1 or 0, state.ended }
`);

/**
 * Reads where a session stands and, where wanted, records after an offset.
 *
 * KEYS: meta, log. ARGV: 1 an epoch in case one is needed, 2 offset, 3 most records, 4 bytes beyond which no more
 * are added, 5 time to live in ms or 0 to leave it, 6 that of an ended session. Returns epoch, last, first, ended,
 * popped, and the records as offset, text, offset, text, …
 */
export const READ = script(`${PRELUDE}
local meta, log = KEYS[1], KEYS[2]
local state = load(meta, ARGV[1], 'epoch')
if state.err then return state end
local after, count, room = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local records, bytes = {}, 0
while count > 0 and bytes < room and after < state.last do
  local found = redis.call('XRANGE', log, (after + 1) .. '-0', '+', 'COUNT', math.min(count, 32))
  if #found == 0 then break end
  for _, one in ipairs(found) do
    if bytes > 0 and bytes + #one[2][2] > room then count = 0 break end
    after = tonumber(string.match(one[1], '^%d+'))
    table.insert(records, after)
    table.insert(records, one[2][2])
    bytes = bytes + #one[2][2]
    count = count - 1
  end
end
keepAlive(meta, log, state, ARGV[5], ARGV[6])
return { view(state), records }
`);

/**
 * Reads where many sessions stand; on a Cluster one.
 *
 * KEYS: meta, log, meta, log, … ARGV: 1 an epoch in case one is needed, 2 time to live in ms, 3 that of an ended
 * session. Returns of each epoch, last, first, ended, popped.
 */
export const LOOK = script(`${PRELUDE}
local views = {}
for i = 1, #KEYS, 2 do
  local state = load(KEYS[i], ARGV[1], 'epoch')
  if state.err then return state end
  keepAlive(KEYS[i], KEYS[i + 1], state, ARGV[2], ARGV[3])
  table.insert(views, view(state))
end
return views
`);

/**
 * Reads what a list tells of a session.
 *
 * KEYS: meta, log. ARGV: 1 an epoch in case one is needed. Returns epoch, last, first, ended, popped, and when the
 * oldest and the newest record were logged.
 */
export const SUMMARY = script(`${PRELUDE}
local meta, log = KEYS[1], KEYS[2]
local state = load(meta, ARGV[1], 'epoch')
if state.err then return state end
local function timeOf(found)
  return found[1] and string.match(found[1][2][2], '"timestamp":"([^"]*)"') or ''
end
local oldest = redis.call('XRANGE', log, state.first .. '-0', '+', 'COUNT', 1)
local newest = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
return { view(state), timeOf(oldest), timeOf(newest) }
`);

/**
 * Removes a session's log. What its writers have done is remembered for a minute: a call of theirs that is sent again
 * must not bring records back.
 *
 * KEYS: meta, log, lease. ARGV: 1 channel, 2 command to publish with. Returns the epoch, and how many records went.
 */
export const REMOVE = script(`
local meta, log, lease = KEYS[1], KEYS[2], KEYS[3]
local epoch = redis.call('HGET', meta, 'epoch')
if not epoch then return { '', 0 } end
local writers = { 'gone', 1 }
for _, field in ipairs(redis.call('HKEYS', meta)) do
  if string.sub(field, 1, 2) == 'w:' then
    table.insert(writers, field)
    table.insert(writers, redis.call('HGET', meta, field))
  end
end
local records = redis.call('XLEN', log)
redis.call('DEL', meta, log, lease)
redis.call('HSET', meta, unpack(writers))
redis.call('PEXPIRE', meta, 60000)
redis.call(ARGV[2], ARGV[1], '${DELETED}' .. epoch)
return { epoch, records }
`);

/** Remembers a text unless there is one. KEYS: note. ARGV: 1 text, 2 ms. Returns the one that is there already. */
export const CLAIM_NOTE = script(`
local found = redis.call('GET', KEYS[1])
if not found then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return found
`);

/** Remembers a text in place of one's own. KEYS: note. ARGV: 1 own text, 2 text, 3 ms. Returns 0 where there is another. */
export const REPLACE_NOTE = script(`
local found = redis.call('GET', KEYS[1])
if found and found ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`);

/** Forgets one's own text. KEYS: note. ARGV: 1 own text. */
export const RELEASE_NOTE = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);

/**
 * Takes the right to take entries out.
 *
 * KEYS: meta, log, lease. ARGV: 1 owner, 2 length of the lease in ms. Returns 1 and the text before the mark that
 * may begin a token; or 0 and the milliseconds that the lease of another has left.
 */
export const TAKE_TURN = script(`
local owner = redis.call('GET', KEYS[3])
if owner and owner ~= ARGV[1] then return { 0, redis.call('PTTL', KEYS[3]) } end
local carry = redis.call('HGET', KEYS[1], 'carry') or ''
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
return { 1, carry }
`);

/**
 * Moves the mark behind records before their taker is given them, and renews its lease; a lease that has run out
 * while nobody else took one goes on.
 *
 * KEYS: meta, log, lease. ARGV: 1 owner, 2 length of the lease in ms, 3 epoch, 4 mark so far, 5 mark from now on.
 * Returns 1 where the records are the owner's.
 */
export const CLAIM = script(`
local owner = redis.call('GET', KEYS[3])
if owner and owner ~= ARGV[1] then return 0 end
local m = redis.call('HMGET', KEYS[1], 'epoch', 'popped')
local popped = tonumber(m[2] or 0)
if m[1] ~= ARGV[3] then return 0 end
if owner and popped == tonumber(ARGV[5]) then return 1 end
if popped > tonumber(ARGV[4]) then return 0 end
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[1], 'popped', ARGV[5], 'carry', '')
return 1
`);

/** Renews a lease. KEYS: meta, log, lease. ARGV: 1 owner, 2 length of the lease in ms. */
export const RENEW_TURN = script(`
if redis.call('GET', KEYS[3]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[3], ARGV[2]) end
return 0
`);

/**
 * Gives the right back, and what was claimed but not taken, and tells those that wait. A lease that has run out
 * gives that back too, while nobody else has claimed anything.
 *
 * KEYS: meta, log, lease. ARGV: 1 owner, 2 epoch, or nothing where nothing was claimed, 3 mark as it was claimed,
 * 4 mark as it is to be, 5 text before it that may begin a token, 6 channel, 7 command to publish with.
 */
export const RELEASE_TURN = script(`
local owner = redis.call('GET', KEYS[3])
if owner and owner ~= ARGV[1] then return 0 end
if ARGV[2] ~= '' then
  local m = redis.call('HMGET', KEYS[1], 'epoch', 'popped')
  if m[1] == ARGV[2] and (owner or m[2] == ARGV[3]) then
    redis.call('HSET', KEYS[1], 'popped', ARGV[4], 'carry', ARGV[5])
  end
end
if owner then redis.call('DEL', KEYS[3]) end
redis.call(ARGV[7], ARGV[6], '${TURN_FREE}')
return 1
`);

/**
 * Remembers a cancelled session for an hour, the newest thousand of them, and publishes it.
 *
 * KEYS: cancels. ARGV: 1 writer, 2 session, 3 reason, 4 command to publish with.
 */
export const CANCEL = script(`
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, '*', 'w', ARGV[1], 's', ARGV[2], 'r', ARGV[3])
redis.call('PEXPIRE', KEYS[1], 3600000)
redis.call(ARGV[4], KEYS[1], cjson.encode({ id, ARGV[1], ARGV[2], ARGV[3] }))
`);
