-- wrk's requests in loadtest/bulk: batches, or single profiles of the same ids in turn, each connection with a pause.
--   wrk -s loadtest/wrk.lua URL -- batch|single IDS PREFIX PAUSE_MS
local kind, ids, prefix, pause

function init(args)
  kind, ids, prefix, pause = args[1], tonumber(args[2]), args[3], tonumber(args[4])
  math.randomseed(os.time())
  if kind == "batch" then
    local names = {}
    for i = 1, ids do
      names[i] = '"' .. prefix .. "u" .. i .. '"'
    end
    wrk.method = "POST"
    wrk.body = '{"ids":[' .. table.concat(names, ",") .. "]}"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Accept"] = "application/x-ndjson"
  end
end

local next = 0

function request()
  if kind == "batch" then
    return wrk.format(nil, "/profiles:batch")
  end
  next = next % ids + 1
  return wrk.format(nil, "/profiles/" .. prefix .. "u" .. next)
end

function delay()
  -- Random, so that connections do not fall into step.
  return pause == 0 and 0 or math.random(pause / 2, pause * 3 / 2)
end
