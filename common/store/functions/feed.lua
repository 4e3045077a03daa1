-- What partners say (转入): taking it in, and settling it item by item.

local feed_items_max = 1000
local feed_fixed = 8
local item_fields = 8

-- A review is kept once, however often what it is about comes.
local function add_review(prefix, id, review, now)
  if redis.call('HSETNX', prefix .. 'reviews', id, review) == 1 then
    redis.call('ZADD', prefix .. 'reviews:at', now, id)
  end
end

-- Gives 1, or 0 when there is no such review.
local function end_review(prefix, id)
  local gone = redis.call('HDEL', prefix .. 'reviews', id)
  redis.call('ZREM', prefix .. 'reviews:at', id)
  return gone
end

-- Raises WRONGTYPE where a key of reviews is something else.
local function look_at_reviews(prefix, id)
  redis.call('HEXISTS', prefix .. 'reviews', id)
  redis.call('ZSCORE', prefix .. 'reviews:at', id)
end

-- Nonces are kept by the time that was signed, so a repeat looks into the same bucket; a bucket goes
-- when no signature of its time is accepted any more.
local function use_nonce(prefix, bucket, nonce, oldest)
  local call, index = redis.call, prefix .. 'nonces'
  call('SADD', index .. ':' .. bucket, nonce)
  call('ZADD', index, bucket, bucket)
  for _, old in ipairs(call('ZRANGEBYSCORE', index, '-inf', '(' .. oldest, 'LIMIT', 0, 4)) do
    call('UNLINK', index .. ':' .. old)
    call('ZREM', index, old)
  end
end

-- From now on the item waits to be applied to its ticket.
local function let_in(prefix, now, their, id, print, no, ours, item)
  local call, ticket = redis.call, prefix .. 'ticket:' .. their
  call('HSET', ticket, 'i:' .. id, print)
  if no ~= '' then
    call('HSETNX', ticket, 'no', no)
    -- It is to make the ticket its number was promised to.
    call('HDEL', ticket, 'unused')
  end
  -- What they are told goes on as it began: the same message again must have the same content.
  if ours ~= '' then link_number(prefix, now, their, ours) end
  call('RPUSH', prefix .. 'waiting:' .. their, item)
  call('ZADD', prefix .. 'due', 'LT', now, their)
  call('ZADD', prefix .. 'unsettled', 'NX', now, their)
  call('ZADD', prefix .. 'seen', 'NX', now, their)
end

-- Raises WRONGTYPE where a key an item goes to is something else.
local function look_at_places(prefix, their)
  redis.call('HEXISTS', prefix .. 'ticket:' .. their, 'no')
  redis.call('LLEN', prefix .. 'waiting:' .. their)
  for _, set in ipairs({'due', 'unsettled', 'seen'}) do redis.call('ZCARD', prefix .. set) end
end

-- One item of feed_put: gives its status and our number of its ticket, or ''.
local function put_item(prefix, now, their, id, print, no, ours, item, review_id, review)
  local call = redis.call
  if their == '' then
    add_review(prefix, review_id, review, now)
    return {4, ''}
  end
  local ticket = prefix .. 'ticket:' .. their
  local known, status = call('HGET', ticket, 'i:' .. id), 2
  if not known then
    let_in(prefix, now, their, id, print, no, ours, item)
    status = 1
  elseif known ~= print then
    add_review(prefix, review_id, review, now)
    status = 3
  end
  return {status, call('HGET', ticket, 'no') or ''}
end

-- What is wrong with an item of feed_put, or nil.
local function wrong_item(prefix, their, id, print, no, ours, item, review_id, review)
  if their ~= '' then
    if not kinds.their(their) or id == '' or not kinds.print(print) or item == ''
      or (no ~= '' and not is_ticket_no(no)) or (ours ~= '' and not is_ticket_no(ours)) then
      return wrong('item of feed_put')
    end
    look_at_places(prefix, their)
  end
  if review_id == '' or review == '' then return wrong('review of feed_put') end
  look_at_reviews(prefix, review_id)
  return nil
end

-- Where a pull stood when a civil day began: to pull that day again.
local cursor_days = 10
local function civil_day(instant)
  return math.floor((instant + 28800000) / 86400000)
end

local function keep_cursor(prefix, now, before)
  local key, day = prefix .. 'cursors', civil_day(now)
  if redis.call('HSETNX', key, day, before) == 0 then return end
  for _, old in ipairs(redis.call('HKEYS', key)) do
    if tonumber(old) < day - cursor_days then redis.call('HDEL', key, old) end
  end
end

-- What all of the items were answered with before, behind the commit number, or nil where one is new.
local function all_known(prefix, args, first)
  local call, out = redis.call, {1, whole(redis.call('HGET', prefix .. 'head', 'commits'))}
  for at = first, #args, item_fields do
    local their, id, print, _, _, _, review = unpack(args, at, at + item_fields - 2)
    local ticket = prefix .. 'ticket:' .. their
    if their == '' then
      if call('HEXISTS', prefix .. 'reviews', review) == 0 then return nil end
      out[#out + 1] = {4, ''}
    else
      if call('HGET', ticket, 'i:' .. id) ~= print then return nil end
      out[#out + 1] = {2, call('HGET', ticket, 'no') or ''}
    end
  end
  return #out > 2 and out or nil
end

-- ARGV 2 now, 3 bucket of the nonce or '', 4 nonce, 5 oldest bucket that is kept, 6 cursor of a pull
--      before, 7 after ('' = this is no pull), 8 id of the review whose document this is, or '', then
--      per item: their number ('' = it could not be mapped), kind and serial, fingerprint, a number of
--      ours for a new ticket or '', that of a ticket they handle which it names or '', item, id of the
--      review, review
-- Takes in everything a document said, or nothing of it. Gives {1, commit number, then per item
-- {status, our number or ''}}: 1 new, 2 the same came before, 3 came before with another content,
-- 4 not mapped; the last two are for a person to look at. {2, cursor} when the cursor is another one,
-- {3} when the nonce was used, and not with just these items: an answer that was lost is given again, {4} when there is no such review any more.
partner_function('feed_put', {'whole', 'whole?', 'nonce?', 'whole', '…'}, function(prefix, args)
  local call, head = redis.call, prefix .. 'head'
  local items = (#args - feed_fixed) / item_fields
  if items < 0 or items > feed_items_max or items ~= math.floor(items) then
    return wrong('feed_put: number of items')
  end
  local now, bucket, nonce, oldest, before, after, review = unpack(args, 2, feed_fixed)
  if bucket ~= '' and nonce == '' then return wrong('feed_put: no nonce') end
  local first = feed_fixed + 1
  for at = first, #args, item_fields do
    local bad = wrong_item(prefix, unpack(args, at, at + item_fields - 1))
    if bad then return bad end
  end
  call('ZCARD', prefix .. 'nonces')
  if after ~= '' then
    call('HLEN', prefix .. 'cursors')
    local cursor = call('HGET', head, 'cursor') or ''
    if cursor ~= before then return {2, cursor} end
  end
  if bucket ~= '' and call('SISMEMBER', prefix .. 'nonces:' .. bucket, nonce) == 1 then
    return all_known(prefix, args, first) or {3}
  end
  if review ~= '' then
    look_at_reviews(prefix, review)
    if call('HEXISTS', prefix .. 'reviews', review) == 0 then return {4} end
    end_review(prefix, review)
  end

  if bucket ~= '' then use_nonce(prefix, bucket, nonce, oldest) end
  if after ~= '' then
    call('HSET', head, 'cursor', after)
    keep_cursor(prefix, now, before)
  end
  if items > 0 then call('HSET', head, 'received', now) end
  local out = {1, count_commit(prefix)}
  for at = first, #args, item_fields do
    out[#out + 1] = put_item(prefix, now, unpack(args, at, at + item_fields - 1))
  end
  return out
end)

-- ARGV 2 now, 3 until when nobody else takes them, 4 how many. Gives numbers of theirs with something
-- to do.
partner_function('feed_take', {'whole', 'whole', 'page'}, function(prefix, now, till, most)
  local due = prefix .. 'due'
  local found = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, most)
  for _, their in ipairs(found) do redis.call('ZADD', due, till, their) end
  return found
end, drains)

-- ARGV 2 now, 3 their number, 4 item, 5 its sequence or '', 6 id of a review or '', 7 review, 8 '1' = the
-- number promised with it was not used. The item is settled. Gives {1, how many wait}, {0, …} when it
-- was settled before.
partner_function('feed_done', {'whole', 'their', 'text', 'whole?', 'text?', 'text?', 'flag'},
                 function(prefix, now, their, item, sequence, review_id, review, not_used)
  local call = redis.call
  if review_id ~= '' and review == '' then return wrong('feed_done: no review') end
  local ticket, waiting = prefix .. 'ticket:' .. their, prefix .. 'waiting:' .. their
  local due = prefix .. 'due'
  local applied = whole(call('HGET', ticket, 'applied') or '0')
  if not applied then return corrupt('sequence of a ticket of ' .. prefix) end
  call('ZSCORE', due, their)
  call('ZSCORE', prefix .. 'unsettled', their)
  if review_id ~= '' then look_at_reviews(prefix, review_id) end
  if call('LREM', waiting, 1, item) == 0 then return {0, call('LLEN', waiting)} end
  if sequence ~= '' and whole(sequence) > applied then call('HSET', ticket, 'applied', sequence) end
  if not_used == '1' then call('HSET', ticket, 'unused', 1) end
  if review_id ~= '' then
    add_review(prefix, review_id, review, now)
  else
    call('HSET', prefix .. 'head', 'applied', now)
  end
  local left = call('LLEN', waiting)
  if left == 0 then
    call('ZREM', due, their)
    call('ZREM', prefix .. 'unsettled', their)
  else
    call('ZADD', due, now, their)
  end
  count_commit(prefix)
  return {1, left}
end, drains)

-- ARGV 2 their number, 3 when to look again. Gives 1.
partner_function('feed_defer', {'their', 'whole'}, function(prefix, their, at)
  redis.call('ZADD', prefix .. 'due', 'XX', at, their)
  return 1
end, drains)

-- ARGV 2 instant of a day. The pull goes back to where it stood when that civil day began. Gives 1, or 0
-- when nothing was pulled since, or that is too long ago.
partner_function('cursor_back', {'whole'}, function(prefix, at)
  local cursors = prefix .. 'cursors'
  local wanted, first, oldest = civil_day(at), nil, nil
  for _, field in ipairs(redis.call('HKEYS', cursors)) do
    local day = tonumber(field)
    -- On days without a move it stood where the next move began.
    if day >= wanted and (not first or day < first) then first = day end
    if not oldest or day < oldest then oldest = day end
  end
  if not first or wanted < oldest then return 0 end
  redis.call('HSET', prefix .. 'head', 'cursor', redis.call('HGET', cursors, first))
  count_commit(prefix)
  return 1
end)
