-- Files of partners that are to be fetched (附件).

-- Raises WRONGTYPE where a derived set is something else.
local function look_at_fetches(prefix)
  for _, set in ipairs({'due', 'made'}) do redis.call('ZCARD', prefix .. 'fetches:' .. set) end
end

-- ARGV 2 now, 3 id, 4 order. Files of the partner are to be fetched. Gives 1, or 0 when they are to be
-- already.
partner_function('fetch_put', {'whole', 'text', 'text'}, function(prefix, now, id, order)
  local call = redis.call
  look_at_fetches(prefix)
  if call('HSETNX', prefix .. 'fetches', 'o:' .. id, order) == 0 then return 0 end
  call('ZADD', prefix .. 'fetches:due', now, id)
  call('ZADD', prefix .. 'fetches:made', now, id)
  count_commit(prefix)
  return 1
end)

-- ARGV 2 now, 3 id, 4 order. Files a person has looked at are to be fetched after all, with all tries: the
-- review has the id of the order and is over. Gives 1, or 0 when there is no such review.
partner_function('fetch_again', {'whole', 'text', 'text'}, function(prefix, now, id, order)
  local call = redis.call
  call('HLEN', prefix .. 'fetches')
  look_at_fetches(prefix)
  look_at_reviews(prefix, id)
  if end_review(prefix, id) == 0 then return 0 end
  call('HSET', prefix .. 'fetches', 'o:' .. id, order)
  call('HDEL', prefix .. 'fetches', 't:' .. id)
  call('ZADD', prefix .. 'fetches:due', now, id)
  call('ZADD', prefix .. 'fetches:made', now, id)
  count_commit(prefix)
  return 1
end)

-- ARGV 2 now, 3 until when nobody else takes them, 4 how many. Gives id, order, tries so far; and so on.
partner_function('fetch_take', {'whole', 'whole', 'page'}, function(prefix, now, till, most)
  local call = redis.call
  local found, due = {}, prefix .. 'fetches:due'
  for _, id in ipairs(call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, most)) do
    local values = call('HMGET', prefix .. 'fetches', 'o:' .. id, 't:' .. id)
    call('ZADD', due, till, id)
    found[#found + 1] = id
    found[#found + 1] = values[1] or ''
    found[#found + 1] = whole(values[2] or '0') or 0
  end
  return found
end, drains)

-- ARGV 2 now, 3 id, 4 id of a review or '', 5 review. The files are there, or a person has to look. Gives
-- 1, or 0 when that was so before.
partner_function('fetch_done', {'whole', 'text', 'text?', 'text?'},
                 function(prefix, now, id, review_id, review)
  local call = redis.call
  if review_id ~= '' and review == '' then return wrong('fetch_done: no review') end
  look_at_fetches(prefix)
  if review_id ~= '' then look_at_reviews(prefix, review_id) end
  if call('HDEL', prefix .. 'fetches', 'o:' .. id) == 0 then return 0 end
  call('HDEL', prefix .. 'fetches', 't:' .. id)
  call('ZREM', prefix .. 'fetches:due', id)
  call('ZREM', prefix .. 'fetches:made', id)
  if review_id ~= '' then add_review(prefix, review_id, review, now) end
  count_commit(prefix)
  return 1
end, drains)

-- ARGV 2 when to try again, 3 id. Gives the tries, or 0 when there is no such order any more.
partner_function('fetch_failed', {'whole', 'text'}, function(prefix, again, id)
  local call = redis.call
  call('ZCARD', prefix .. 'fetches:due')
  if call('HEXISTS', prefix .. 'fetches', 'o:' .. id) == 0 then return 0 end
  call('ZADD', prefix .. 'fetches:due', again, id)
  count_commit(prefix)
  return call('HINCRBY', prefix .. 'fetches', 't:' .. id, 1)
end, drains)
