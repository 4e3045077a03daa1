-- The outbox of a shard when somebody trimmed, emptied or deleted it: noticing which group missed how
-- many events, and putting them back from the histories, which hold every event.

-- Entries counted one by one to tell what a reader still has before it: this holds everybody up.
local remainder_max = 500

local function are_outbox_keys(keys)
  return #keys >= 2 and string.find(keys[1], '^{%d%d%d%d}:events:?%l*$')
    and keys[2] == string.sub(keys[1], 1, 7) .. 'head'
end

-- ':dispatch' of a lane, '' of the outbox itself: what tells their fields of the head apart.
local function lane_of(key)
  return string.sub(key, 14)
end

local function are_outbox_and_seal(keys)
  return #keys == 3 and are_outbox_keys(keys) and keys[3] == string.sub(keys[1], 1, 7) .. 'seal:head'
end

-- The flat list of XINFO as a table.
local function fields_of(list)
  local fields = {}
  for i = 1, #list, 2 do fields[list[i]] = list[i + 1] end
  return fields
end

-- At most how many entries still come behind `last`; exact unless there are remainder_max or more.
local function remaining(key, stream, last)
  local left = #redis.call('XRANGE', key, '(' .. last, '+', 'COUNT', remainder_max)
  return left < remainder_max and left or stream['length']
end

-- All entries behind `last`, one by one: only to be done once in a while.
local function count_behind(key, last)
  local count = 0
  while true do
    local page = redis.call('XRANGE', key, '(' .. last, '+', 'COUNT', remainder_max)
    count = count + #page
    if #page < remainder_max then return count end
    last = page[#page][1]
  end
end

-- How many entries vanished that the group had not seen: what Redis says is to come, less what can
-- still come. A lower bound while the group is far behind; exact when it has caught up.
local function vanished(key, stream, group)
  local lag, last = group['lag'], group['last-delivered-id']
  if not lag or lag <= 0 then return 0 end
  return math.max(lag - remaining(key, stream, last), 0)
end

-- How many entries vanished before they were sealed: those ever added, less those sealed, those known
-- never to be, and those still to come. (Nothing legal removes what is not sealed.)
local function unsealed(key, stream, seal, skipped)
  local lag = stream['entries-added'] - seal.e - skipped
  if lag <= 0 then return 0 end
  return math.max(lag - remaining(key, stream, seal.id), 0)
end

-- Which start of Redis this is.
local function run_of_redis()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
end

-- The state of the keys: stream (nil when there is none), its groups, the head, the end of the chain.
local function read_outbox(keys)
  local lane = lane_of(keys[1])
  local head = redis.call('HMGET', keys[2], 'dataset', 'commits', 'missing' .. lane, 'deleted' .. lane,
    'skipped', 'run' .. lane)
  local seal = redis.call('HMGET', keys[3], 'e', 'id')
  -- A lane holds some events of a commit only, and is not sealed.
  if lane ~= '' then head[2], seal = '0', {} end
  local out = {data_set = head[1], commits = whole(head[2] or '0') or 0,
               missing = whole(head[3] or '0') or 0, deleted = head[4] or '0-0',
               skipped = tonumber(head[5] or '0') or 0, groups = {},
               run = head[6],
               -- A chain that has not begun has sealed nothing.
               seal = {e = tonumber(seal[1] or '0') or 0, id = seal[2] or '0-0'}}
  if redis.call('EXISTS', keys[1]) == 0 then return out end
  out.stream = fields_of(redis.call('XINFO', 'STREAM', keys[1]))
  for i, group in ipairs(redis.call('XINFO', 'GROUPS', keys[1])) do
    out.groups[i] = fields_of(group)
  end
  return out
end

-- Every commit adds an entry at least: fewer were ever added when the stream is another one.
local function recreated_by(outbox)
  local added = outbox.stream and outbox.stream['entries-added'] or 0
  return math.max(outbox.commits - added, 0)
end

-- KEYS 1 events, 2 head; ARGV 1 data set. How many entries a group has read is not in the append-only
-- file (XREADGROUP is written as XCLAIM there, which does not say: Redis 7.0), so after each start of
-- Redis it is counted anew from what is still to come. What vanished shortly before the start, unnoticed, shows
-- where nothing is left to come, and in the audit chain. Gives 1, or 0 when that was done since the start.
local function outbox_recount(keys, args)
  if not are_outbox_keys(keys) or #keys ~= 2 or #args ~= 1 then return wrong('outbox_recount') end
  local call, run, field = redis.call, run_of_redis(), 'run' .. lane_of(keys[1])
  local head = call('HMGET', keys[2], 'dataset', field)
  if not head[1] then return 0 end
  if head[1] ~= args[1] then return other_data_set('head ' .. keys[2]) end
  if head[2] == run then return 0 end
  if call('EXISTS', keys[1]) == 1 then
    local stream = fields_of(call('XINFO', 'STREAM', keys[1]))
    for _, found in ipairs(call('XINFO', 'GROUPS', keys[1])) do
      local group = fields_of(found)
      local last = group['last-delivered-id']
      local left = count_behind(keys[1], last)
      -- Something newer was added and is not there: that is a loss, and stays one.
      if left > 0 or last == stream['last-generated-id'] then
        call('XGROUP', 'SETID', keys[1], group['name'], last, 'ENTRIESREAD',
          string.format('%.0f', stream['entries-added'] - left))
      end
    end
  end
  call('HSET', keys[2], field, run)
  return 1
end

-- KEYS 1 events, 2 head, 3 end of the audit chain. Gives {missing, deleted, short, whether the groups'
-- counts can be relied on (outbox_recount), reader, lost, ...}: entries readers found gone after they were handed out; the last id somebody deleted, or '' when that
-- is known; by how many entries the stream is younger than the shard; and how many each group, and the
-- audit chain, has lost.
local function outbox_gaps(keys, args)
  if not are_outbox_and_seal(keys) or #args ~= 0 then return wrong('outbox_gaps') end
  local outbox = read_outbox(keys)
  local deleted = outbox.stream and outbox.stream['max-deleted-entry-id'] or '0-0'
  local out = {outbox.missing, deleted ~= outbox.deleted and deleted ~= '0-0' and deleted or '',
               recreated_by(outbox), outbox.run == run_of_redis() and 1 or 0}
  for _, group in ipairs(outbox.groups) do
    out[#out + 1] = group['name']
    out[#out + 1] = vanished(keys[1], outbox.stream, group)
  end
  if outbox.stream and lane_of(keys[1]) == '' then
    out[#out + 1] = 'audit'
    out[#out + 1] = unsealed(keys[1], outbox.stream, outbox.seal, outbox.skipped)
  end
  return out
end

-- KEYS 1 events, 2 head; ARGV 1 group, 2... ids that were handed out and are gone. Nobody can handle
-- them: they are acknowledged, and in the same step it is kept that the shard misses events.
local function outbox_lost(keys, args)
  if not are_outbox_keys(keys) or #keys ~= 2 or #args < 2 or #args > 2000 then
    return wrong('outbox_lost')
  end
  for i = 2, #args do
    if not string.find(args[i], '^%d+%-%d+$') then return wrong('id of an entry') end
  end
  local known = redis.call('HEXISTS', keys[2], 'dataset') == 1
  redis.call('XACK', keys[1], unpack(args))
  if known then redis.call('HINCRBY', keys[2], 'missing' .. lane_of(keys[1]), #args - 1) end
  return 1
end

-- KEYS 1 head; ARGV 1 instant, 2 lane or ''. Every event before it is behind all readers. Without a data set nothing
-- is written: gives 0.
local function outbox_behind(keys, args)
  if #keys ~= 1 or #args ~= 2 or not string.find(keys[1], '^{%d%d%d%d}:head$') or not whole(args[1])
    or not string.find(args[2], '^%l*$') then
    return wrong('outbox_behind')
  end
  if redis.call('HEXISTS', keys[1], 'dataset') == 0 then return 0 end
  redis.call('HSET', keys[1], args[2] == '' and 'behind' or 'behind:' .. args[2], args[1])
  return 1
end

-- KEYS 1 events, 2 head, 3... histories; ARGV 1 data set, then a version for each history. Appends
-- these events to the outbox once more, byte by byte as the histories have them.
local function outbox_restore(keys, args)
  local call = redis.call
  if not are_outbox_keys(keys) or #keys < 3 or #keys - 2 > events_max or #args ~= #keys - 1 then
    return wrong('outbox_restore')
  end
  local prefix, events = string.sub(keys[1], 1, 7), {}
  if call('HGET', keys[2], 'dataset') ~= args[1] then return other_data_set('head ' .. keys[2]) end
  for i = 3, #keys do
    local version = whole(args[i - 1])
    local no = string.sub(keys[i], #prefix + 9)
    if keys[i] ~= prefix .. 'history:' .. no or not is_ticket_no(no) or not version or version < 1 then
      return wrong('history or version')
    end
    events[i - 2] = call('LINDEX', keys[i], version - 1)
    if not events[i - 2] then return corrupt('history of ' .. no) end
  end
  for _, event in ipairs(events) do call('XADD', keys[1], '*', 'e', event) end
  if lane_of(keys[1]) == '' then call('HINCRBY', keys[2], 'restored', #events) end
  return #events
end

-- KEYS as of outbox_gaps; ARGV 1 data set, then what outbox_gaps gave: these gaps are made good, and no
-- others, should there be more by now. Moves no group: only the counts are set right. Gives 1, or 0
-- when there is no stream yet.
local function outbox_settle(keys, args)
  local call = redis.call
  if not are_outbox_and_seal(keys) or #args < 4 or #args % 2 ~= 0 then
    return wrong('outbox_settle')
  end
  local missing, lost = whole(args[2]), {}
  if not missing or not whole(args[4]) then return wrong('counts of gaps') end
  for i = 5, #args, 2 do lost[args[i]] = whole(args[i + 1]) or 0 end
  local outbox = read_outbox(keys)
  if outbox.data_set ~= args[1] then return other_data_set('head ' .. keys[2]) end
  if not outbox.stream then return 0 end
  local stream = outbox.stream
  local short = args[4] == '0' and 0 or recreated_by(outbox)
  local added = stream['entries-added'] + short
  -- First what the groups have lost by the counts of now, then both sides move.
  local reads = {}
  for _, group in ipairs(outbox.groups) do
    local read = group['entries-read']
    if read then
      local mine = math.min(vanished(keys[1], stream, group), lost[group['name']] or 0)
      if mine + short > 0 then reads[group['name']] = math.min(read + mine + short, added) end
    end
  end
  local not_sealed = math.min(unsealed(keys[1], stream, outbox.seal, outbox.skipped), lost['audit'] or 0)
  if short > 0 then
    -- Another stream: the chain goes on with all of what is in it.
    local left = #call('XRANGE', keys[1], '(' .. outbox.seal.id, '+')
    call('HSET', keys[2], 'skipped', string.format('%.0f', added - left - outbox.seal.e))
  elseif not_sealed > 0 then
    call('HSET', keys[2], 'skipped', string.format('%.0f', outbox.skipped + not_sealed))
  end
  if short > 0 then
    call('XSETID', keys[1], stream['last-generated-id'], 'ENTRIESADDED', added, 'MAXDELETEDID',
      stream['max-deleted-entry-id'])
  end
  for _, group in ipairs(outbox.groups) do
    local read = reads[group['name']]
    if read then
      call('XGROUP', 'SETID', keys[1], group['name'], group['last-delivered-id'], 'ENTRIESREAD', read)
    end
  end
  if missing > 0 then call('HINCRBY', keys[2], 'missing' .. lane_of(keys[1]), -math.min(missing, outbox.missing)) end
  if args[3] ~= '' then call('HSET', keys[2], 'deleted' .. lane_of(keys[1]), args[3]) end
  return 1
end

redis.register_function{function_name = 'outbox_gaps', callback = outbox_gaps, flags = {'no-writes'}}
redis.register_function{function_name = 'outbox_recount', callback = outbox_recount, flags = {'allow-oom'}}
redis.register_function{function_name = 'outbox_lost', callback = outbox_lost, flags = {'allow-oom'}}
redis.register_function{function_name = 'outbox_behind', callback = outbox_behind, flags = {'allow-oom'}}
redis.register_function('outbox_restore', outbox_restore)
redis.register_function{function_name = 'outbox_settle', callback = outbox_settle, flags = {'allow-oom'}}
