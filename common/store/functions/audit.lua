-- The audit chain and the audit records.

-- KEYS 1 audit, 2 head; ARGV 1 data set, 2 audit record: of what changed nothing here.
local function audit_append(keys, args)
  if #args ~= 2 or args[2] == '' or not are_people_keys(keys, {'audit', 'head'}) then
    return wrong('audit_append')
  end
  local bad = wrong_people_head(keys[2], args[1])
  if bad then return bad end
  redis.call('XADD', keys[1], '*', 'e', args[2])
  return {1, redis.call('HINCRBY', keys[2], 'commits', 1)}
end

-- KEYS 1 seal, 2 its head; ARGV 1 entries before, 2 hash before ('' when there are none), 3 hash
-- after, 4 id of the last event that is sealed, 5 events sealed so far, 6 body. Appends an entry if
-- the chain still ends there. Gives {1}, or {2} when it has another end.
local function seal(keys, args)
  local call = redis.call
  local before, events = whole(args[1]), whole(args[5])
  if #keys ~= 2 or #args ~= 6 or not string.find(keys[1], '^{%d%d%d%d}:seal$')
    or keys[2] ~= keys[1] .. ':head' or not before or before >= commits_max
    or #args[2] ~= (before == 0 and 0 or 32) or #args[3] ~= 32
    or not string.find(args[4], '^%d+%-%d+$') or not events or args[6] == '' then
    return wrong('seal')
  end
  local head = call('HMGET', keys[2], 'n', 'h')
  if (head[1] or '0') ~= args[1] or (head[2] or '') ~= args[2] then return {2} end
  -- Refused, and nothing written, when the stream has this entry already.
  call('XADD', keys[1], string.format('%.0f-0', before + 1), 'b', args[6], 'h', args[3])
  call('HSET', keys[2], 'n', string.format('%.0f', before + 1), 'h', args[3], 'id', args[4],
    'e', args[5])
  return {1}
end

-- KEYS 1 audit, 2 head, or also 3 a note beside the records; ARGV 1 data set, 2 AuditRecord, or also
-- 3 value of the note. Appends the record. With a note only if its value is another, which is then
-- kept. Gives 1, or 0.
local function record(keys, args)
  local call = redis.call
  if (#keys ~= 2 and #keys ~= 3) or #args ~= #keys or keys[1] ~= '{0000}:audit'
    or keys[2] ~= '{0000}:head' or args[2] == ''
    or (keys[3] and not string.find(keys[3], '^{0000}:audit:[%l.]+$')) then
    return wrong('record')
  end
  local bad = wrong_people_head(keys[2], args[1])
  if bad then return bad end
  if keys[3] and call('GET', keys[3]) == args[3] then return 0 end
  call('XADD', keys[1], '*', 'e', args[2])
  if keys[3] then call('SET', keys[3], args[3]) end
  return 1
end

redis.register_function('audit_append', audit_append)
redis.register_function('seal', seal)
redis.register_function('record', record)
