-- What partners are told (转出): their queues, in the order of the versions of each ticket.

-- Raises WRONGTYPE where a key of a ticket's messages is something else.
local function look_at_messages(prefix, out)
  redis.call('HLEN', out)
  redis.call('ZCARD', out .. ':order')
  for _, set in ipairs({'sending', 'unsent', 'seen', 'dead'}) do redis.call('ZCARD', prefix .. set) end
end

local function put_message(prefix, now, no, version, message)
  local call, out = redis.call, prefix .. 'out:' .. no
  call('HSET', out, 'm:' .. version, message)
  call('ZADD', out .. ':order', version, version)
  call('ZADD', prefix .. 'sending', 'NX', now, no)
  call('ZADD', prefix .. 'unsent', now, no .. ':' .. version)
end

-- ARGV 2 now, 3 our number, 4 version of the event, 5 message. Gives {1, commit number}, or {2} when the
-- partner is or was told about this version already.
partner_function('out_put', {'whole', 'no', 'version', 'text'}, function(prefix, now, no, version, message)
  local call, out = redis.call, prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if call('HEXISTS', out, 'm:' .. version) == 1 or call('HEXISTS', out, 'd:' .. version) == 1 then
    return {2}
  end
  put_message(prefix, now, no, version, message)
  return {1, count_commit(prefix)}
end)

-- ARGV 2 now, 3 our number, 4 version of the event, 5 message. Tells the partner once more what it was
-- told, under the same id. Gives 1, or 0 when it waits anyway.
partner_function('out_again', {'whole', 'no', 'version', 'text'}, function(prefix, now, no, version, message)
  local call, out = redis.call, prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if call('ZSCORE', out .. ':order', version) then return 0 end
  call('HDEL', out, 'd:' .. version, 't:' .. version, 'f:' .. version)
  put_message(prefix, now, no, version, message)
  count_commit(prefix)
  return 1
end)

-- ARGV 2 now, 3 until when nobody else takes them, 4 how many. Gives the first message of tickets whose
-- time has come: our number, version, message, tries so far, their number or ''; and so on. What comes
-- behind a dead letter waits with it.
partner_function('out_take', {'whole', 'whole', 'page'}, function(prefix, now, till, most)
  local call = redis.call
  local found, n, sending = {}, 0, prefix .. 'sending'
  for _, no in ipairs(call('ZRANGEBYSCORE', sending, '-inf', now, 'LIMIT', 0, most)) do
    local out = prefix .. 'out:' .. no
    local version = call('ZRANGE', out .. ':order', 0, 0)[1]
    if not version or call('ZSCORE', prefix .. 'dead', no .. ':' .. version) then
      call('ZREM', sending, no)
    else
      call('ZADD', sending, till, no)
      found[n + 1], found[n + 2] = no, version
      found[n + 3] = call('HGET', out, 'm:' .. version) or ''
      found[n + 4] = whole(call('HGET', out, 't:' .. version) or '0') or 0
      found[n + 5] = call('HGET', out, 'their') or ''
      n = n + 5
    end
  end
  return found
end, drains)

-- The message does not wait any more. Gives how many of the ticket do.
local function end_message(prefix, now, no, version, ending)
  local call, out = redis.call, prefix .. 'out:' .. no
  call('ZREM', out .. ':order', version)
  call('HSET', out, 'd:' .. version, ending)
  call('HDEL', out, 'm:' .. version, 't:' .. version, 'f:' .. version)
  call('ZREM', prefix .. 'dead', no .. ':' .. version)
  call('ZREM', prefix .. 'unsent', no .. ':' .. version)
  local left = call('ZCARD', out .. ':order')
  if left == 0 then
    call('ZREM', prefix .. 'sending', no)
  else
    call('ZADD', prefix .. 'sending', now, no)
  end
  count_commit(prefix)
  return left
end

-- ARGV 2 now, 3 our number, 4 version, 5 how it ended, 6 their number as they answered it or '', 7 as they
-- were told it or ''. Gives {1, how many of the ticket wait}, or {0} when it was settled before.
partner_function('out_done', {'whole', 'no', 'version', 'text', 'their?', 'their?'},
                 function(prefix, now, no, version, ending, their, told)
  local call, out = redis.call, prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if their ~= '' then look_at_places(prefix, their) end
  if told ~= '' then look_at_places(prefix, told) end
  if not call('ZSCORE', out .. ':order', version) then return {0} end
  call('HSET', prefix .. 'head', 'sent', now)
  if their ~= '' then call('HSET', out, 'their', their) end
  -- What was refused has no ticket a number could lead to.
  if tonumber(version) > 0 then
    if their ~= '' then link_number(prefix, now, their, no) end
    if told ~= '' then link_number(prefix, now, told, no) end
  end
  return {1, end_message(prefix, now, no, version, ending)}
end, drains)

-- ARGV 2 now, 3 our number, 4 version, 5 how it ended. A person gives a dead letter up. Gives 1, or 0 when
-- it is none.
partner_function('out_drop', {'whole', 'no', 'version', 'text'}, function(prefix, now, no, version, ending)
  look_at_messages(prefix, prefix .. 'out:' .. no)
  if not redis.call('ZSCORE', prefix .. 'dead', no .. ':' .. version) then return 0 end
  end_message(prefix, now, no, version, ending)
  return 1
end, drains)

-- ARGV 2 now, 3 our number, 4 version, 5 when to try again, '' = never by itself, 6 how it failed. Gives
-- {1, tries}, or {0} when it was settled meanwhile.
partner_function('out_failed', {'whole', 'no', 'version', 'whole?', 'text'},
                 function(prefix, now, no, version, again, failing)
  local call, out = redis.call, prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if not whole(call('HGET', out, 't:' .. version) or '0') then return corrupt('tries of ' .. out) end
  if not call('ZSCORE', out .. ':order', version) then return {0} end
  local tries = call('HINCRBY', out, 't:' .. version, 1)
  call('HSET', out, 'f:' .. version, failing)
  if again == '' then
    call('ZADD', prefix .. 'dead', now, no .. ':' .. version)
    call('ZREM', prefix .. 'sending', no)
  else
    call('ZADD', prefix .. 'sending', again, no)
  end
  count_commit(prefix)
  return {1, tries}
end, drains)

-- ARGV 2 when to take it again, 3 our number, 4 version. It was taken and not tried. Gives 1, or 0 when
-- it does not wait.
partner_function('out_back', {'whole', 'no', 'version'}, function(prefix, at, no, version)
  if not redis.call('ZSCORE', prefix .. 'out:' .. no .. ':order', version) then return 0 end
  redis.call('ZADD', prefix .. 'sending', 'XX', at, no)
  return 1
end, drains)

-- ARGV 2 now, 3 our number, 4 version, 5 another message or ''. Sends a dead letter again, with all its
-- tries. Gives 1, or 0 when it is none.
partner_function('out_resend', {'whole', 'no', 'version', 'text?'},
                 function(prefix, now, no, version, message)
  local call, out = redis.call, prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if call('ZREM', prefix .. 'dead', no .. ':' .. version) == 0 then return 0 end
  call('HDEL', out, 't:' .. version)
  if message ~= '' then call('HSET', out, 'm:' .. version, message) end
  call('ZADD', prefix .. 'sending', now, no)
  count_commit(prefix)
  return 1
end)
