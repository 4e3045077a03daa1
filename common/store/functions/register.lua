-- The memory of registers (台账): which ticket a row was given, for ever. A row that is read again,
-- after whatever time, is that ticket.
--
--   register  hash: print of the row -> ticket number, a blank, print of what the row says

local row_digits = 32
local said_digits = 16

local function is_row_print(text, digits)
  return text ~= nil and #text == digits and string.find(text, '^[0-9a-f]+$') ~= nil
end

-- KEYS 1 register, 2 head
-- ARGV 1 data set, 2 print of the row, 3 print of what it says, 4 print the row had before it was
--      answered or '', 5 the number to be reserved, or '' to look only
-- Gives {0} when the row is unknown, {1, its number, commit number} when this is reserved now,
-- {2, its number} when it was before, {3, its number} when the row then said something else.
local function register_reserve(keys, args)
  local call = redis.call
  if #args ~= 5 or not are_people_keys(keys, {'register', 'head'})
    or not is_row_print(args[2], row_digits) or not is_row_print(args[3], said_digits)
    or (args[4] ~= '' and not is_row_print(args[4], row_digits))
    or (args[5] ~= '' and not is_ticket_no(args[5])) then
    return wrong('register_reserve')
  end
  local bad = wrong_people_head(keys[2], args[1])
  if bad then return bad end
  local known = call('HMGET', keys[1], args[2], args[4])
  local kept = known[1] or (args[4] ~= '' and known[2])
  if kept then
    local no, said = string.match(kept, '^(%S+) (%x+)$')
    if not is_ticket_no(no) or #said ~= said_digits then return corrupt('a row of ' .. keys[1]) end
    return {known[1] and said == args[3] and 2 or 3, no}
  end
  if args[5] == '' then return {0} end
  call('HSET', keys[1], args[2], args[5] .. ' ' .. args[3])
  return {1, args[5], call('HINCRBY', keys[2], 'commits', 1)}
end

redis.register_function('register_reserve', register_reserve)
