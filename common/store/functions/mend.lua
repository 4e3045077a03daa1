-- The repair of what is derived from the exchange with a partner.

-- Puts a member into a sorted set or takes it out, unless `dry`; gives 1 where that is a change.
local function set_member(set, member, belongs, score, dry)
  local is_there = redis.call('ZSCORE', set, member) and true or false
  if is_there == belongs then return 0 end
  if not dry then
    if belongs then redis.call('ZADD', set, score, member) else redis.call('ZREM', set, member) end
  end
  return 1
end

-- What is derived from what a ticket of theirs has waiting.
local function mend_in(prefix, now, their, dry)
  local waits = redis.call('LLEN', prefix .. 'waiting:' .. their) > 0
  local known = redis.call('EXISTS', prefix .. 'ticket:' .. their) == 1
  return set_member(prefix .. 'due', their, waits, now, dry)
    + set_member(prefix .. 'unsettled', their, waits, now, dry)
    + set_member(prefix .. 'seen', their, known, now, dry)
end

-- What is derived from the messages of a ticket of ours. A dead letter in front may or may not leave
-- its ticket in `sending`: who takes it looks.
local function mend_out(prefix, now, no, dry)
  local call, changes = redis.call, 0
  local out, order = prefix .. 'out:' .. no, prefix .. 'out:' .. no .. ':order'
  local first
  for _, field in ipairs(call('HKEYS', out)) do
    local version = string.match(field, '^m:(%-?%d+)$')
    if version then
      changes = changes + set_member(order, version, true, version, dry)
        + set_member(prefix .. 'unsent', no .. ':' .. version, true, now, dry)
      if not first or tonumber(version) < tonumber(first) then first = version end
    end
  end
  if not first then return changes + set_member(prefix .. 'sending', no, false, now, dry) end
  if not call('ZSCORE', prefix .. 'dead', no .. ':' .. first) then
    changes = changes + set_member(prefix .. 'sending', no, true, now, dry)
  end
  return changes
end

-- A message in `unsent` or `dead` is one that waits.
local function mend_member(prefix, now, member, dry)
  local no, version = string.match(member, '^(.*):(%-?%d+)$')
  local waits = no and redis.call('HEXISTS', prefix .. 'out:' .. no, 'm:' .. version) == 1
  if waits then return 0 end
  return set_member(prefix .. 'unsent', member, false, now, dry)
    + set_member(prefix .. 'dead', member, false, now, dry)
end

local function mend_review(prefix, now, id, dry)
  local is_there = redis.call('HEXISTS', prefix .. 'reviews', id) == 1
  return set_member(prefix .. 'reviews:at', id, is_there, now, dry)
end

local function mend_fetch(prefix, now, id, dry)
  local is_there = redis.call('HEXISTS', prefix .. 'fetches', 'o:' .. id) == 1
  return set_member(prefix .. 'fetches:due', id, is_there, now, dry)
    + set_member(prefix .. 'fetches:made', id, is_there, now, dry)
end

local menders = {
  in_ = mend_in, out = mend_out, member = mend_member, review = mend_review, fetch = mend_fetch,
}

-- ARGV 2 now, 3 what: 'in_' ticket of theirs, 'out' ticket of ours, 'member' message, 'review', 'fetch'
-- files of theirs; 4 its name; 5 '1' = only look. Gives how many entries of derived sets were wrong.
partner_function('partner_mend', {'whole', 'text', 'text', 'flag'}, function(prefix, now, what, name, dry)
  local mender = menders[what]
  if not mender then return wrong('partner_mend: what') end
  return mender(prefix, now, name, dry == '1')
end)
