-- The board (看板): counting many derived sets at once.

local columns_max = 32
local units_max = 10000
local names_max = 100000
local chunk_units = 12 -- about a city and its counties: units that have something in the same shards

-- A bound of a score: plain notation, exclusive with '(', or an infinity.
local function is_bound(text)
  return text == '-inf' or text == '+inf' or is_score(string.gsub(text, '^%(', '', 1))
end

-- Names of sets by stem and unit. They are asked for again and again, and putting a name together
-- costs as much as looking into the set.
local names, named = {}, 0

local function name_of(stem, unit)
  if named >= names_max then names, named = {}, 0 end
  local known = names[stem]
  if not known then
    known = {}
    names[stem] = known
  end
  local name = known[unit]
  if not name then
    name = stem .. unit
    known[unit], named = name, named + 1
  end
  return name
end

local function count_entries(key, low, high)
  if low == '-inf' and high == '+inf' then return redis.call('ZCARD', key) end
  return redis.call('ZCOUNT', key, low, high)
end

-- What the shard holds, as far as commits go: equal as long as none has happened, and never again.
local function stamp_of(prefix)
  local call = redis.call
  local head = call('HMGET', prefix .. 'head', 'dataset', 'commits')
  local last = call('XREVRANGE', prefix .. 'events', '+', '-', 'COUNT', 1)[1]
  return (head[1] or '') .. ':' .. (head[2] or '') .. ':' .. (last and last[1] or '')
end

-- KEYS 1 head, ARGV 1 a stamp or '', 2 number of groups g; per group: guard family, number of columns
-- c, then c times family, lowest and highest score; then the units. Counts, for every unit, the
-- entries of its sorted sets `family:unit` between two scores. A group is looked at only where its
-- guard set exists: most units have nothing in most shards. Gives one flat list: the stamp of the
-- shard; and unless it is the one given, place of a unit among the units (1 is the first), number of
-- the group, its counts; and so on.
--
-- The sets are not declared as keys: thousands of names would cost more than the counting. They
-- have the shard's hash tag, so they are where the declared key is.
local function board(keys, args)
  local call = redis.call
  if #keys ~= 1 or not string.find(keys[1], '^{%d%d%d%d}:head$') then return wrong('board') end
  local prefix = string.sub(keys[1], 1, 7)
  local groups, at = {}, 3
  for g = 1, whole(args[2] or '') or 0 do
    local count = whole(args[at + 1] or '')
    if not count or count < 1 or count > columns_max then return wrong('columns of a group') end
    local group = {guard = prefix .. args[at] .. ':', columns = {}}
    for c = 1, count do
      local first = at + 3 * c - 1
      local low, high = args[first + 1], args[first + 2]
      if not high or not is_bound(low) or not is_bound(high)
        or not is_derived(prefix .. args[first], prefix) then
        return wrong('a column')
      end
      group.columns[c] = {prefix .. args[first] .. ':', low, high}
    end
    groups[g], at = group, at + 2 + 3 * count
  end
  if #groups < 1 or #args - at + 1 > units_max then return wrong('groups or units') end

  local out, n, size = {stamp_of(prefix)}, 1, #groups
  if out[1] == args[1] then return out end
  for first = at, #args, chunk_units do
    local last = math.min(first + chunk_units - 1, #args)
    local guards, k = {}, 0
    for u = first, last do
      for g = 1, size do
        k = k + 1
        guards[k] = name_of(groups[g].guard, args[u])
      end
    end
    -- One question for many units: in most shards the answer is none.
    if call('EXISTS', unpack(guards)) > 0 then
      for i = 1, k do
        if call('EXISTS', guards[i]) == 1 then
          local g = (i - 1) % size + 1
          local u = first + (i - g) / size
          out[n + 1], out[n + 2] = u - at + 1, g
          n = n + 2
          for c, column in ipairs(groups[g].columns) do
            n = n + 1
            out[n] = count_entries(name_of(column[1], args[u]), column[2], column[3])
          end
        end
      end
    end
  end
  return out
end

redis.register_function{function_name = 'board', callback = board, flags = {'no-writes'}}
