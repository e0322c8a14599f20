-- Counts requests of many callers at once, as `Meter` does in the memory of one process.
--
-- KEYS: one for each request. ARGV: the seconds by which the legal clock is ahead of UTC, then four
-- for each key: what to do (1 take, 0 look, -1 give back what was taken), the interval and the span
-- of its bucket in nanoseconds, its quota for the day; for what is given back, the day instead.
-- Returns the legal day since 1970 and what is left of it in seconds, then three for each key:
-- 0 (done), 1 (the bucket forbids it) or 2 (the day does), the nanoseconds that are missing in the
-- bucket, and how many were used today.
--
-- What is kept: "when missing day used", `when` in microseconds. What is missing is counted from
-- `when`, because a double holds nanoseconds of a day exactly, but not those since 1970.
local TAKE, GIVE_BACK = 1, -1
local DONE, BUCKET, DAILY = 0, 1, 2

local time = redis.call('TIME')
local second = tonumber(time[1])
local now = second * 1000000 + tonumber(time[2])
local ahead = tonumber(ARGV[1])
local day = math.floor((second + ahead) / 86400)
local day_left = (day + 1) * 86400 - ahead - second

local function read(key)
  local kept = redis.call('GET', key)
  if not kept then
    return 0, 0
  end
  local at, missing, its_day, used = string.match(kept, '^(%d+) (%d+) (%d+) (%d+)$')
  if not at then
    return 0, 0
  end
  missing = tonumber(missing) - math.max(now - tonumber(at), 0) * 1000
  return math.max(missing, 0), tonumber(its_day) == day and tonumber(used) or 0
end

local function write(key, missing, used)
  local lasts = math.max(math.ceil(missing / 1000000), day_left * 1000) + 1000
  local kept = string.format('%.0f %.0f %.0f %.0f', now, missing, day, used)
  redis.call('SET', key, kept, 'PX', string.format('%.0f', lasts))
end

local function count(key, act, interval, span, bound)
  local missing, used = read(key)
  if act == GIVE_BACK then
    missing = math.max(missing - interval, 0)
    used = bound == day and math.max(used - 1, 0) or used
    write(key, missing, used)
  elseif act == TAKE then
    if used >= bound then
      return DAILY, missing, used
    elseif missing + interval > span then
      write(key, missing, used) -- from now on: a clock that was put back must lock nobody out
      return BUCKET, missing, used
    end
    missing, used = missing + interval, used + 1
    write(key, missing, used)
  end
  return DONE, missing, used
end

local told = { day, day_left }
for i, key in ipairs(KEYS) do
  local first = 4 * i - 2
  local verdict, missing, used = count(key, tonumber(ARGV[first]), tonumber(ARGV[first + 1]),
    tonumber(ARGV[first + 2]), tonumber(ARGV[first + 3]))
  told[#told + 1], told[#told + 2], told[#told + 3] = verdict, missing, used
end
return told
