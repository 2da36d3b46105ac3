-- Commands read top to bottom: a coroutine waits for the server and for the user.
local M = {}

---Raised when the user closes a picker: ends the command without a word.
M.CANCELLED = {}

---Waits for `start`'s callback and returns what it was given. Only inside `run`.
---@param start fun(resume: fun(...: any))
---@return any ...
function M.await(start)
  local thread = assert(coroutine.running(), 'await outside run')
  local waiting, given = false, nil
  start(function(...)
    if waiting then
      local ok, problem = coroutine.resume(thread, ...)
      assert(ok, problem)
    else
      given = { n = select('#', ...), ... }
    end
  end)
  if given then
    return unpack(given, 1, given.n)
  end
  waiting = true
  return coroutine.yield()
end

---@param body fun()
function M.run(body)
  coroutine.wrap(function()
    local ok, problem = pcall(body)
    if not ok and problem ~= M.CANCELLED then
      vim.notify('Factory: ' .. tostring(problem), vim.log.levels.ERROR)
    end
  end)()
end

---@generic T
---@param items T[]
---@param prompt string
---@param label fun(item: T): string
---@return T
function M.select(items, prompt, label)
  local chosen = M.await(function(resume)
    vim.ui.select(items, { prompt = prompt, format_item = label, kind = 'factory' }, resume)
  end)
  if chosen == nil then
    error(M.CANCELLED, 0)
  end
  return chosen
end

---@param prompt string
---@return string text may be empty
function M.input(prompt)
  local text = M.await(function(resume)
    vim.ui.input({ prompt = prompt .. ': ' }, resume)
  end)
  if text == nil then
    error(M.CANCELLED, 0)
  end
  return vim.trim(text)
end

---Like `input`, but nothing typed cancels.
---@param prompt string
---@return string
function M.required_input(prompt)
  local text = M.input(prompt)
  if text == '' then
    error(M.CANCELLED, 0)
  end
  return text
end

return M
