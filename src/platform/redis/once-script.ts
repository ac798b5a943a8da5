/**
 * Lua: who used a key of what may be published once, or nil. Anything but a publisher's id there is no use of the
 * key, and is written over: an event must not be held back, nor all that waits behind it, by a key that is wrong.
 */
export const publisherOfKey = `
local function publisherOf(key)
  local by = redis.pcall("GET", key)
  if type(by) == "string" and #by == 16 and not by:find("[^0-9a-f]") then return by end
  return nil
end`;
