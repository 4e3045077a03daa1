-- What a person decides about something a partner said (待核对).

-- A refused number may come again and become a ticket, whose versions begin with 1: what is told before
-- counts up from -999, so that one order holds for all of it.
local refusals_max = 999

-- ARGV 2 id. Somebody has looked: gives 1, or 0 when there is no such review.
partner_function('review_resolve', {'text'}, function(prefix, id)
  look_at_reviews(prefix, id)
  local gone = end_review(prefix, id)
  if gone == 1 then count_commit(prefix) end
  return gone
end)

-- ARGV 2 now, 3 id of the review, 4 '1' = also when the same was taken in before, 5 '1' = also when
-- another content was, then as an item of feed_put: 6 their number, 7 kind and serial, 8 fingerprint,
-- 9 a number of ours for a new ticket or '', 10 that of a ticket they handle or '', 11 item. What the review is about is taken in, and the
-- review is over, in one step. Gives {1, commit number, our number or ''}; {2, ...} when the same was
-- taken in before: only the review is over; {3} when another content was: nothing has changed; {0} when
-- there is no such review.
partner_function('review_let_in', {'whole', 'text', 'flag', 'flag', 'their', 'text', 'print', 'no?', 'no?', 'text'},
                 function(prefix, now, review, again, changed, their, id, print, no, ours, item)
  local call = redis.call
  look_at_reviews(prefix, review)
  look_at_places(prefix, their)
  if call('HEXISTS', prefix .. 'reviews', review) == 0 then return {0} end
  local ticket = prefix .. 'ticket:' .. their
  local known, status = call('HGET', ticket, 'i:' .. id), 1
  if known == print and again ~= '1' then status = 2 end
  if known and known ~= print and changed ~= '1' then return {3} end
  if status == 1 then let_in(prefix, now, their, id, print, no, ours, item) end
  end_review(prefix, review)
  return {status, count_commit(prefix), call('HGET', ticket, 'no') or ''}
end)

-- ARGV 2 now, 3 our number, 4 version below 0, 5 message, 6 id of the review, 7 their number, 8 sequence of
-- the item or ''. The review is over, and the partner is told that no ticket is made, in one step; what
-- they tell next about the number does not wait for the item any more. Gives {1, commit number}; {2} when
-- their number has a ticket, or another number or version by now: nothing has changed; {0} when there is
-- no such review.
partner_function('review_refuse', {'whole', 'no', 'version', 'text', 'text', 'their', 'whole?'},
                 function(prefix, now, no, version, message, review, their, sequence)
  local call = redis.call
  if tonumber(version) > 0 then return wrong('review_refuse: version of a ticket') end
  local ticket = prefix .. 'ticket:' .. their
  look_at_reviews(prefix, review)
  look_at_messages(prefix, prefix .. 'out:' .. no)
  if call('HEXISTS', prefix .. 'reviews', review) == 0 then return {0} end
  look_at_places(prefix, their)
  local known = call('HMGET', ticket, 'no', 'unused', 'refused', 'applied')
  local refused, applied = whole(known[3] or '0'), whole(known[4] or '0')
  if not refused or not applied then return corrupt('refusals of ' .. ticket) end
  if (known[1] and (known[1] ~= no or not known[2])) or tonumber(version) ~= refused - refusals_max then
    return {2}
  end
  call('HSET', ticket, 'no', no, 'unused', 1, 'refused', refused + 1)
  call('ZADD', prefix .. 'seen', 'NX', now, their)
  if whole(sequence) == applied + 1 then call('HSET', ticket, 'applied', sequence) end
  if call('LLEN', prefix .. 'waiting:' .. their) > 0 then call('ZADD', prefix .. 'due', now, their) end
  put_message(prefix, now, no, version, message)
  end_review(prefix, review)
  return {1, count_commit(prefix)}
end)
