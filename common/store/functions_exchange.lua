-- The exchange with partners. All keys of a partner have the tag {p:NAME}. Only its head is declared:
-- the others are as many as a document has items, and lie in the slot of the head.
--
--   cursors         hash: civil day since 1970, where a pull stood when it began
--   head            hash: data set, commits, cursor of a pull; `received`, `applied`, `sent`: when last
--   ticket:<their>  hash: `no` our number, `applied` last sequence, `i:<kind>:<serial>` fingerprint,
--                   `unused` the number was promised to a ticket that was not made, `refused` how
--                   often they were told that none is made
--   seen            sorted set of their numbers of all tickets, since when
--   waiting:<their> list of items to be applied; due: sorted set of their numbers, when to look;
--                   unsettled: sorted set of the same numbers, since when something waits
--   nonces          sorted set of buckets of time; nonces:<bucket> set of those that were used
--   reviews         hash: id, review; reviews:at: sorted set of ids, since when
--   out:<ours>      hash, versions below 0 of what was refused before there was a ticket: `m:<version>` message, `t:<version>` tries, `f:<version>` how the last one
--                   failed, `d:<version>` how it ended, `their` the partner's number
--   out:<ours>:order sorted set of versions to be sent; sending: of our numbers, when to send
--   unsent          sorted set of `<ours>:<version>` of all that wait, since when
--   dead            sorted set of `<ours>:<version>`, since when
--   health, reconciled, reconciliations: functions_reconcile.lua
--   fetches         hash: `o:<id>` files to be fetched, `t:<id>` tries; fetches:due: sorted set of ids

local feed_items_max = 1000
local feed_fixed = 8
local their_number_max = 200
-- A refused number may come again and become a ticket, whose versions begin with 1: what is told before
-- counts up from -999, so that one order holds for all of it.
local refusals_max = 999

-- The prefix of a partner's keys, or nothing and the error.
local function partner_of(keys, args)
  local prefix = #keys == 1 and string.match(keys[1], '^({p:[a-z0-9%-]+}:)head$')
  if not prefix then return nil, wrong('key of a partner') end
  local head = redis.call('HMGET', keys[1], 'dataset', 'commits')
  if head[1] ~= args[1] then return nil, other_data_set('head ' .. keys[1]) end
  local commits = whole(head[2] or '')
  if not commits or commits >= commits_max then
    return nil, corrupt('commit counter of ' .. keys[1])
  end
  return prefix
end

local function is_their_number(text)
  return text and text ~= '' and #text <= their_number_max
end

-- KEYS 1 head; ARGV 1 data set. Makes a new partner part of the data set; gives its commits.
local function partner_adopt(keys, args)
  if #keys ~= 1 or #args ~= 1 or not string.find(keys[1], '^{p:[a-z0-9%-]+}:head$')
    or not string.find(args[1], '^%x+$') or #args[1] ~= 32 then
    return wrong('partner_adopt')
  end
  if redis.call('EXISTS', keys[1]) == 0 then
    redis.call('HSET', keys[1], 'dataset', args[1], 'commits', 0)
  end
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  return whole(redis.call('HGET', keys[1], 'commits'))
end

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
local function let_in(prefix, now, their, id, print, no, item)
  local call, ticket = redis.call, prefix .. 'ticket:' .. their
  call('HSET', ticket, 'i:' .. id, print)
  if no ~= '' then
    call('HSETNX', ticket, 'no', no)
    -- It is to make the ticket its number was promised to.
    call('HDEL', ticket, 'unused')
  end
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
local function put_item(prefix, now, their, id, print, no, item, review_id, review)
  local call = redis.call
  if their == '' then
    add_review(prefix, review_id, review, now)
    return {4, ''}
  end
  local ticket = prefix .. 'ticket:' .. their
  local known, status = call('HGET', ticket, 'i:' .. id), 2
  if not known then
    let_in(prefix, now, their, id, print, no, item)
    status = 1
  elseif known ~= print then
    add_review(prefix, review_id, review, now)
    status = 3
  end
  return {status, call('HGET', ticket, 'no') or ''}
end

-- Where a pull stood when a civil day began: to pull that day again.
local cursor_days = 10
local function keep_cursor(prefix, now, before)
  local key, day = prefix .. 'cursors', math.floor((now + 28800000) / 86400000)
  if redis.call('HSETNX', key, day, before) == 0 then return end
  for _, old in ipairs(redis.call('HKEYS', key)) do
    if tonumber(old) < day - cursor_days then redis.call('HDEL', key, old) end
  end
end

-- KEYS 1 head
-- ARGV 1 data set, 2 now, 3 bucket of the nonce or '', 4 nonce, 5 oldest bucket that is kept, 6 cursor
--      of a pull before, 7 after ('' = this is no pull), 8 id of the review whose document this is, or
--      '', then seven per item: their number ('' = it could not be mapped), kind and serial,
--      fingerprint, a number of ours for a new ticket or '', item, id of the review, review
-- Takes in everything a document said, or nothing of it. Gives {1, commit number, then per item
-- {status, our number or ''}}: 1 new, 2 the same came before, 3 came before with another content,
-- 4 not mapped; the last two are for a person to look at. {2, cursor} when the cursor is another one,
-- {3} when the nonce was used, {4} when there is no such review any more.
local function feed_put(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local now, oldest = whole(args[2] or ''), whole(args[5] or '')
  local items = (#args - feed_fixed) / 7
  if not now or not oldest or items < 0 or items > feed_items_max or items ~= math.floor(items)
    or (args[3] ~= '' and (not whole(args[3]) or args[4] == '' or #args[4] > 200)) then
    return wrong('feed_put')
  end
  local first = feed_fixed + 1
  for at = first, #args, 7 do
    local their = args[at]
    if their ~= '' then
      if not is_their_number(their) or args[at + 1] == '' or #args[at + 2] ~= 16
        or args[at + 4] == '' or (args[at + 3] ~= '' and not is_ticket_no(args[at + 3])) then
        return wrong('item ' .. (at - first) / 7)
      end
      look_at_places(prefix, their)
    end
    if args[at + 5] == '' or args[at + 6] == '' then return wrong('review') end
    look_at_reviews(prefix, args[at + 5])
  end
  call('ZCARD', prefix .. 'nonces')
  if args[7] ~= '' then
    call('HLEN', prefix .. 'cursors')
    local cursor = call('HGET', keys[1], 'cursor') or ''
    if cursor ~= args[6] then return {2, cursor} end
  end
  if args[3] ~= '' and call('SISMEMBER', prefix .. 'nonces:' .. args[3], args[4]) == 1 then
    return {3}
  end
  if args[8] ~= '' then
    look_at_reviews(prefix, args[8])
    if call('HEXISTS', prefix .. 'reviews', args[8]) == 0 then return {4} end
    end_review(prefix, args[8])
  end

  if args[3] ~= '' then use_nonce(prefix, args[3], args[4], oldest) end
  if args[7] ~= '' then
    call('HSET', keys[1], 'cursor', args[7])
    keep_cursor(prefix, now, args[6])
  end
  if items > 0 then call('HSET', keys[1], 'received', args[2]) end
  local out = {1, call('HINCRBY', keys[1], 'commits', 1)}
  for at = first, #args, 7 do
    out[#out + 1] = put_item(prefix, args[2], unpack(args, at, at + 6))
  end
  return out
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 until when nobody else takes them, 4 how many. Gives numbers
-- of theirs with something to do.
local function feed_take(keys, args)
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local most = whole(args[4] or '')
  if #args ~= 4 or not whole(args[2]) or not whole(args[3]) or not most or most < 1
    or most > page_max then
    return wrong('feed_take')
  end
  local due = prefix .. 'due'
  local found = redis.call('ZRANGEBYSCORE', due, '-inf', args[2], 'LIMIT', 0, most)
  for _, their in ipairs(found) do redis.call('ZADD', due, args[3], their) end
  return found
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 their number, 4 item, 5 its sequence or '', 6 id of a review
-- or '', 7 review, 8 '1' = the number promised with it was not used, else ''. The item is settled.
-- Gives {1, how many wait}, {0, …} when it was settled before.
local function feed_done(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local their, sequence = args[3], args[5]
  if #args ~= 8 or not whole(args[2]) or not is_their_number(their)
    or (sequence ~= '' and not whole(sequence)) or (args[6] ~= '' and args[7] == '') then
    return wrong('feed_done')
  end
  local ticket, waiting = prefix .. 'ticket:' .. their, prefix .. 'waiting:' .. their
  local due = prefix .. 'due'
  local applied = whole(call('HGET', ticket, 'applied') or '0')
  if not applied then return corrupt('sequence of a ticket of ' .. prefix) end
  call('ZSCORE', due, their)
  call('ZSCORE', prefix .. 'unsettled', their)
  if args[6] ~= '' then look_at_reviews(prefix, args[6]) end
  if call('LREM', waiting, 1, args[4]) == 0 then return {0, call('LLEN', waiting)} end
  if sequence ~= '' and whole(sequence) > applied then call('HSET', ticket, 'applied', sequence) end
  if args[8] == '1' then call('HSET', ticket, 'unused', 1) end
  if args[6] ~= '' then
    add_review(prefix, args[6], args[7], args[2])
  else
    call('HSET', keys[1], 'applied', args[2])
  end
  local left = call('LLEN', waiting)
  if left == 0 then
    call('ZREM', due, their)
    call('ZREM', prefix .. 'unsettled', their)
  else
    call('ZADD', due, args[2], their)
  end
  call('HINCRBY', keys[1], 'commits', 1)
  return {1, left}
end

-- KEYS 1 head; ARGV 1 data set, 2 their number, 3 when to look again. Gives 1.
local function feed_defer(keys, args)
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args ~= 3 or not is_their_number(args[2]) or not whole(args[3]) then
    return wrong('feed_defer')
  end
  redis.call('ZADD', prefix .. 'due', 'XX', args[3], args[2])
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 id. Somebody has looked: gives 1, or 0 when there is no such review.
local function review_resolve(keys, args)
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args ~= 2 or args[2] == '' then return wrong('review_resolve') end
  look_at_reviews(prefix, args[2])
  local gone = end_review(prefix, args[2])
  if gone == 1 then redis.call('HINCRBY', keys[1], 'commits', 1) end
  return gone
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 id of the review, 4 '1' = also when the same was taken in
-- before, 5 '1' = also when another content was, then as an item of feed_put: 6 their number, 7 kind
-- and serial, 8 fingerprint, 9 a number of ours for a new ticket or '', 10 item. What the review is
-- about is taken in, and the review is over, in one step. Gives {1, commit number, our number or ''};
-- {2, ...} when the same was taken in before: only the review is over; {3} when another content was:
-- nothing has changed; {0} when there is no such review.
local function review_let_in(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local review, their, id, print, no = args[3], args[6], args[7], args[8], args[9]
  if #args ~= 10 or not whole(args[2]) or review == '' or not is_their_number(their) or id == ''
    or #print ~= 16 or (no ~= '' and not is_ticket_no(no)) or args[10] == '' then
    return wrong('review_let_in')
  end
  look_at_reviews(prefix, review)
  look_at_places(prefix, their)
  if call('HEXISTS', prefix .. 'reviews', review) == 0 then return {0} end
  local ticket = prefix .. 'ticket:' .. their
  local known, status = call('HGET', ticket, 'i:' .. id), 1
  if known == print and args[4] ~= '1' then status = 2 end
  if known and known ~= print and args[5] ~= '1' then return {3} end
  if status == 1 then
    let_in(prefix, args[2], their, id, print, no, args[10])
  end
  end_review(prefix, review)
  return {status, call('HINCRBY', keys[1], 'commits', 1), call('HGET', ticket, 'no') or ''}
end

local function is_version(text)
  local version = whole(text or '')
  if version then return version >= 1 end
  local before = text and string.match(text, '^%-([1-9]%d*)$')
  return before ~= nil and #before <= 3
end

-- Arguments 3 and 4 of the functions below: our number, version.
local function wrong_message(args)
  if not is_ticket_no(args[3]) or not is_version(args[4]) or not whole(args[2]) then
    return wrong('number, version or instant of a message')
  end
  return nil
end

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

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 our number, 4 version of the event, 5 message. Gives {1, commit
-- number}, or {2} when the partner is or was told about this version already.
local function out_put(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  bad = bad or wrong_message(args)
  if bad then return bad end
  if #args ~= 5 or args[5] == '' then return wrong('out_put') end
  local out, version = prefix .. 'out:' .. args[3], args[4]
  look_at_messages(prefix, out)
  if call('HEXISTS', out, 'm:' .. version) == 1 or call('HEXISTS', out, 'd:' .. version) == 1 then
    return {2}
  end
  put_message(prefix, args[2], args[3], version, args[5])
  return {1, call('HINCRBY', keys[1], 'commits', 1)}
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 our number, 4 version below 0, 5 message, 6 id of the review,
-- 7 their number, 8 sequence of the item or ''. The review is over, and the partner is told that no ticket
-- is made, in one step; what they tell next about the number does not wait for the item any more. Gives
-- {1, commit number}; {2} when their number has a ticket, or another number or version by now: nothing
-- has changed; {0} when there is no such review.
local function review_refuse(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  bad = bad or wrong_message(args)
  if bad then return bad end
  local version, their = tonumber(args[4]), args[7]
  if #args ~= 8 or args[5] == '' or args[6] == '' or not is_their_number(their) or version > 0
    or (args[8] ~= '' and not whole(args[8])) then
    return wrong('review_refuse')
  end
  local ticket, out = prefix .. 'ticket:' .. their, prefix .. 'out:' .. args[3]
  look_at_reviews(prefix, args[6])
  look_at_messages(prefix, out)
  if call('HEXISTS', prefix .. 'reviews', args[6]) == 0 then return {0} end
  look_at_places(prefix, their)
  local known = call('HMGET', ticket, 'no', 'unused', 'refused', 'applied')
  local refused, applied = whole(known[3] or '0'), whole(known[4] or '0')
  if not refused or not applied then return corrupt('refusals of ' .. ticket) end
  if (known[1] and (known[1] ~= args[3] or not known[2]))
    or version ~= refused - refusals_max then
    return {2}
  end
  call('HSET', ticket, 'no', args[3], 'unused', 1, 'refused', refused + 1)
  call('ZADD', prefix .. 'seen', 'NX', args[2], their)
  if whole(args[8]) == applied + 1 then call('HSET', ticket, 'applied', args[8]) end
  if call('LLEN', prefix .. 'waiting:' .. their) > 0 then
    call('ZADD', prefix .. 'due', args[2], their)
  end
  put_message(prefix, args[2], args[3], args[4], args[5])
  end_review(prefix, args[6])
  return {1, call('HINCRBY', keys[1], 'commits', 1)}
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 until when nobody else takes them, 4 how many. Gives the first
-- message of tickets whose time has come: our number, version, message, tries so far, their number or '';
-- and so on. What comes behind a dead letter waits with it.
local function out_take(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local most = whole(args[4] or '')
  if #args ~= 4 or not whole(args[2]) or not whole(args[3]) or not most or most < 1
    or most > page_max then
    return wrong('out_take')
  end
  local found, n, sending = {}, 0, prefix .. 'sending'
  for _, no in ipairs(call('ZRANGEBYSCORE', sending, '-inf', args[2], 'LIMIT', 0, most)) do
    local out = prefix .. 'out:' .. no
    local version = call('ZRANGE', out .. ':order', 0, 0)[1]
    if not version or call('ZSCORE', prefix .. 'dead', no .. ':' .. version) then
      call('ZREM', sending, no)
    else
      call('ZADD', sending, args[3], no)
      found[n + 1], found[n + 2] = no, version
      found[n + 3] = call('HGET', out, 'm:' .. version) or ''
      found[n + 4] = whole(call('HGET', out, 't:' .. version) or '0') or 0
      found[n + 5] = call('HGET', out, 'their') or ''
      n = n + 5
    end
  end
  return found
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 our number, 4 version, 5 how it ended, 6 their number or ''.
-- Gives {1, how many of the ticket wait}, or {0} when it was settled before.
local function out_done(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  bad = bad or wrong_message(args)
  if bad then return bad end
  if #args ~= 6 or args[5] == '' or (args[6] ~= '' and not is_their_number(args[6])) then
    return wrong('out_done')
  end
  local no, version = args[3], args[4]
  local out = prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if args[6] ~= '' then call('HEXISTS', prefix .. 'ticket:' .. args[6], 'no') end
  if call('ZREM', out .. ':order', version) == 0 then return {0} end
  call('HSET', out, 'd:' .. version, args[5])
  call('HDEL', out, 'm:' .. version, 't:' .. version, 'f:' .. version)
  call('ZREM', prefix .. 'dead', no .. ':' .. version)
  call('ZREM', prefix .. 'unsent', no .. ':' .. version)
  call('HSET', keys[1], 'sent', args[2])
  if args[6] ~= '' then
    call('HSET', out, 'their', args[6])
    call('HSETNX', prefix .. 'ticket:' .. args[6], 'no', no)
    call('ZADD', prefix .. 'seen', 'NX', args[2], args[6])
  end
  local left = call('ZCARD', out .. ':order')
  if left == 0 then
    call('ZREM', prefix .. 'sending', no)
  else
    call('ZADD', prefix .. 'sending', args[2], no)
  end
  call('HINCRBY', keys[1], 'commits', 1)
  return {1, left}
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 our number, 4 version, 5 when to try again, '' = never by
-- itself, 6 how it failed. Gives {1, tries}, or {0} when it was settled meanwhile.
local function out_failed(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  bad = bad or wrong_message(args)
  if bad then return bad end
  if #args ~= 6 or (args[5] ~= '' and not whole(args[5])) or args[6] == '' then
    return wrong('out_failed')
  end
  local no, version = args[3], args[4]
  local out = prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if not whole(call('HGET', out, 't:' .. version) or '0') then return corrupt('tries of ' .. out) end
  if not call('ZSCORE', out .. ':order', version) then return {0} end
  local tries = call('HINCRBY', out, 't:' .. version, 1)
  call('HSET', out, 'f:' .. version, args[6])
  if args[5] == '' then
    call('ZADD', prefix .. 'dead', args[2], no .. ':' .. version)
    call('ZREM', prefix .. 'sending', no)
  else
    call('ZADD', prefix .. 'sending', args[5], no)
  end
  call('HINCRBY', keys[1], 'commits', 1)
  return {1, tries}
end

-- KEYS 1 head; ARGV 1 data set, 2 when to take it again, 3 our number, 4 version. It was taken and not
-- tried. Gives 1, or 0 when it does not wait.
local function out_back(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  bad = bad or wrong_message(args)
  if bad then return bad end
  if #args ~= 4 then return wrong('out_back') end
  local no, version = args[3], args[4]
  if not call('ZSCORE', prefix .. 'out:' .. no .. ':order', version) then return 0 end
  call('ZADD', prefix .. 'sending', 'XX', args[2], no)
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 our number, 4 version, 5 another message or ''. Sends a dead
-- letter again, with all its tries. Gives 1, or 0 when it is none.
local function out_resend(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  bad = bad or wrong_message(args)
  if bad then return bad end
  if #args ~= 5 then return wrong('out_resend') end
  local no, version = args[3], args[4]
  local out = prefix .. 'out:' .. no
  look_at_messages(prefix, out)
  if call('ZREM', prefix .. 'dead', no .. ':' .. version) == 0 then return 0 end
  call('HDEL', out, 't:' .. version)
  if args[5] ~= '' then call('HSET', out, 'm:' .. version, args[5]) end
  call('ZADD', prefix .. 'sending', args[2], no)
  call('HINCRBY', keys[1], 'commits', 1)
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 id, 4 order. Files of the partner are to be fetched. Gives 1,
-- or 0 when they are to be already.
local function fetch_put(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args ~= 4 or not whole(args[2]) or args[3] == '' or args[4] == '' then
    return wrong('fetch_put')
  end
  call('ZCARD', prefix .. 'fetches:due')
  if call('HSETNX', prefix .. 'fetches', 'o:' .. args[3], args[4]) == 0 then return 0 end
  call('ZADD', prefix .. 'fetches:due', args[2], args[3])
  call('HINCRBY', keys[1], 'commits', 1)
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 id, 4 order. Files a person has looked at are to be fetched
-- after all, with all tries: the review has the id of the order and is over. Gives 1, or 0 when there is
-- no such review.
local function fetch_again(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args ~= 4 or not whole(args[2]) or args[3] == '' or args[4] == '' then
    return wrong('fetch_again')
  end
  call('HLEN', prefix .. 'fetches')
  call('ZCARD', prefix .. 'fetches:due')
  look_at_reviews(prefix, args[3])
  if end_review(prefix, args[3]) == 0 then return 0 end
  call('HSET', prefix .. 'fetches', 'o:' .. args[3], args[4])
  call('HDEL', prefix .. 'fetches', 't:' .. args[3])
  call('ZADD', prefix .. 'fetches:due', args[2], args[3])
  call('HINCRBY', keys[1], 'commits', 1)
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 until when nobody else takes them, 4 how many. Gives id, order,
-- tries so far; and so on.
local function fetch_take(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  local most = whole(args[4] or '')
  if #args ~= 4 or not whole(args[2]) or not whole(args[3]) or not most or most < 1
    or most > page_max then
    return wrong('fetch_take')
  end
  local found, due = {}, prefix .. 'fetches:due'
  for _, id in ipairs(call('ZRANGEBYSCORE', due, '-inf', args[2], 'LIMIT', 0, most)) do
    local values = call('HMGET', prefix .. 'fetches', 'o:' .. id, 't:' .. id)
    call('ZADD', due, args[3], id)
    found[#found + 1] = id
    found[#found + 1] = values[1] or ''
    found[#found + 1] = whole(values[2] or '0') or 0
  end
  return found
end

-- KEYS 1 head; ARGV 1 data set, 2 now, 3 id, 4 id of a review or '', 5 review. The files are there, or a
-- person has to look. Gives 1, or 0 when that was so before.
local function fetch_done(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args ~= 5 or not whole(args[2]) or args[3] == '' or (args[4] ~= '' and args[5] == '') then
    return wrong('fetch_done')
  end
  call('ZCARD', prefix .. 'fetches:due')
  if args[4] ~= '' then look_at_reviews(prefix, args[4]) end
  if call('HDEL', prefix .. 'fetches', 'o:' .. args[3]) == 0 then return 0 end
  call('HDEL', prefix .. 'fetches', 't:' .. args[3])
  call('ZREM', prefix .. 'fetches:due', args[3])
  if args[4] ~= '' then add_review(prefix, args[4], args[5], args[2]) end
  call('HINCRBY', keys[1], 'commits', 1)
  return 1
end

-- KEYS 1 head; ARGV 1 data set, 2 when to try again, 3 id. Gives the tries, or 0 when there is no such
-- order any more.
local function fetch_failed(keys, args)
  local call = redis.call
  local prefix, bad = partner_of(keys, args)
  if not prefix then return bad end
  if #args ~= 3 or not whole(args[2]) or args[3] == '' then return wrong('fetch_failed') end
  call('ZCARD', prefix .. 'fetches:due')
  if call('HEXISTS', prefix .. 'fetches', 'o:' .. args[3]) == 0 then return 0 end
  call('ZADD', prefix .. 'fetches:due', args[2], args[3])
  call('HINCRBY', keys[1], 'commits', 1)
  return call('HINCRBY', prefix .. 'fetches', 't:' .. args[3], 1)
end

redis.register_function('partner_adopt', partner_adopt)
redis.register_function('feed_put', feed_put)
-- Draining must work when memory is full, as with bury.
redis.register_function{function_name = 'feed_take', callback = feed_take, flags = {'allow-oom'}}
redis.register_function{function_name = 'feed_done', callback = feed_done, flags = {'allow-oom'}}
redis.register_function{function_name = 'feed_defer', callback = feed_defer, flags = {'allow-oom'}}
redis.register_function('review_resolve', review_resolve)
redis.register_function('review_let_in', review_let_in)
redis.register_function('review_refuse', review_refuse)
redis.register_function('out_put', out_put)
redis.register_function{function_name = 'out_take', callback = out_take, flags = {'allow-oom'}}
redis.register_function{function_name = 'out_done', callback = out_done, flags = {'allow-oom'}}
redis.register_function{function_name = 'out_failed', callback = out_failed, flags = {'allow-oom'}}
redis.register_function{function_name = 'out_back', callback = out_back, flags = {'allow-oom'}}
redis.register_function('out_resend', out_resend)
redis.register_function('fetch_put', fetch_put)
redis.register_function('fetch_again', fetch_again)
redis.register_function{function_name = 'fetch_take', callback = fetch_take, flags = {'allow-oom'}}
redis.register_function{function_name = 'fetch_done', callback = fetch_done, flags = {'allow-oom'}}
redis.register_function{function_name = 'fetch_failed', callback = fetch_failed,
                        flags = {'allow-oom'}}
