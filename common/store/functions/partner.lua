-- The exchange with partners (对接). All keys of a partner have the tag {p:NAME}. Only its head is
-- declared: the others are as many as a document has items, and lie in the slot of the head.
--
--   head            hash: data set, commits, cursor of a pull; `received`, `applied`, `sent`: when last
--   cursors         hash: civil day since 1970, where a pull stood when it began
--   ticket:<their>  hash: `no` our number, `applied` last sequence, `i:<kind>:<serial>` fingerprint,
--                   `unused` the number was promised to a ticket that was not made, `refused` how
--                   often they were told that none is made, `linked` the ticket was handed over to
--                   them and this is a number they, or we, call it by; it may have several
--   seen            sorted set of their numbers of all tickets, since when
--   waiting:<their> list of items to be applied; due: sorted set of their numbers, when to look;
--                   unsettled: sorted set of the same numbers, since when something waits
--   nonces          sorted set of buckets of time; nonces:<bucket> set of those that were used
--   reviews         hash: id, review; reviews:at: sorted set of ids, since when
--   out:<ours>      hash, versions below 0 of what was refused before there was a ticket: `m:<version>`
--                   message, `t:<version>` tries, `f:<version>` how the last one failed, `d:<version>`
--                   how it ended, `their` the partner's number
--   out:<ours>:order sorted set of versions to be sent; sending: of our numbers, when to send
--   unsent          sorted set of `<ours>:<version>` of all that wait, since when
--   dead            sorted set of `<ours>:<version>`, since when
--   fetches         hash: `o:<id>` files to be fetched, `t:<id>` tries; fetches:due: sorted set of ids,
--                   when to fetch; fetches:made: the same, since when
--   health          hash of what only the process that exchanges knows
--   reconciled      hash: `day` last night, `until` when somebody else may try, or 'done'; for each day that
--                   was compared at night (yyyymmdd) `<when>:open` or `<when>:over`
--   reconciliations list of reports, newest first

local their_number_max = 200

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

-- Above 0: of an event of a ticket. Below 0: of a refusal before there was one.
local function is_version(text)
  local version = whole(text)
  if version then return version >= 1 end
  local before = string.match(text, '^%-([1-9]%d*)$')
  return before ~= nil and #before <= 3
end

-- Kinds of arguments. A kind with '?' behind it may be '' as well.
local kinds = {
  text = function(text) return text ~= '' end,
  flag = function(text) return text == '' or text == '0' or text == '1' end,
  whole = function(text) return whole(text) ~= nil end,
  page = function(text) return (whole(text) or 0) >= 1 and whole(text) <= page_max end,
  day = function(text) return #text == 8 and whole(text) ~= nil end, -- yyyymmdd
  their = function(text) return text ~= '' and #text <= their_number_max end, -- number
  no = is_ticket_no, -- number of ours
  version = is_version,
  nonce = function(text) return text ~= '' and #text <= 200 end,
  print = function(text) return #text == 16 end, -- fingerprint
}

local function is_of(kind, text)
  local check = kinds[kind]
  if check then return check(text) end
  return text == '' or kinds[string.sub(kind, 1, -2)](text)
end

-- Registers a function: KEYS 1 head of the partner; ARGV 1 data set, then arguments of the kinds
-- `expected`. `body` is called with the prefix of the partner's keys and them; where the last kind is
-- '…' (any number of arguments, of which the body sees to) with the prefix and all of ARGV.
-- `flags` as Redis has them. (While the library is loaded there is nothing but `redis`: no `string`.)
local function partner_function(name, expected, body, flags)
  local open = expected[#expected] == '…'
  local count = open and #expected - 1 or #expected
  local function called(keys, args)
    local prefix, bad = partner_of(keys, args)
    if not prefix then return bad end
    if #args <= count or (not open and #args ~= count + 1) then
      return wrong(name .. ': number of arguments')
    end
    for i = 1, count do
      if not is_of(expected[i], args[i + 1]) then
        return wrong(name .. ': ' .. expected[i] .. ', argument ' .. i + 1)
      end
    end
    if open then return body(prefix, args) end
    return body(prefix, unpack(args, 2))
  end
  redis.register_function{function_name = name, callback = called, flags = flags or {}}
end

-- Draining must work when memory is full, as with bury.
local drains = {'allow-oom'}

-- Counts a change; gives its number.
local function count_commit(prefix)
  return redis.call('HINCRBY', prefix .. 'head', 'commits', 1)
end

-- A number of theirs leads to a ticket of ours that they handle, unless it leads to another already;
-- what waits for it is looked at now.
local function link_number(prefix, now, their, no)
  local call, ticket = redis.call, prefix .. 'ticket:' .. their
  -- What was promised to a ticket nobody made is free.
  if call('HEXISTS', ticket, 'unused') == 1 then call('HDEL', ticket, 'no', 'unused') end
  call('HSETNX', ticket, 'no', no)
  if call('HGET', ticket, 'no') ~= no then return end
  call('HSET', ticket, 'linked', 1)
  call('ZADD', prefix .. 'seen', 'NX', now, their)
  if call('LLEN', prefix .. 'waiting:' .. their) > 0 then call('ZADD', prefix .. 'due', 'LT', now, their) end
end

-- KEYS 1 head; ARGV 1 data set. Makes a new partner part of the data set; gives its commits.
redis.register_function('partner_adopt', function(keys, args)
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
end)

-- ARGV 2 their number, 3 our number or ''. Forgets what was told about a ticket that has come to its end
-- on both sides; the numbers stay. Gives how many fields went; 0 when something waits.
partner_function('partner_forget', {'their', 'no?'}, function(prefix, their, no)
  local call = redis.call
  local ticket, out = prefix .. 'ticket:' .. their, prefix .. 'out:' .. no
  if call('LLEN', prefix .. 'waiting:' .. their) > 0 or call('ZCARD', out .. ':order') > 0 then
    return 0
  end
  local gone = 0
  for key, mark in pairs({[ticket] = '^i:', [out] = '^d:'}) do
    for _, field in ipairs(call('HKEYS', key)) do
      if string.find(field, mark) then gone = gone + call('HDEL', key, field) end
    end
  end
  if gone > 0 then count_commit(prefix) end
  return gone
end, drains)
