-- `:Factory GROUP NAME [text]`.
local async = require('factory.async')

local M = {}

---@alias factory.Command fun(text: string)

---@type table<string, string> group → module with one function a name
local GROUPS = {
  ci = 'factory.commands.ci',
  hub = 'factory.commands.hub',
  pr = 'factory.commands.pr',
  ratchet = 'factory.commands.ratchet',
  server = 'factory.commands.server',
  session = 'factory.commands.session',
  workspace = 'factory.commands.workspace',
}

---@param group string
---@return string[]
local function names(group)
  local found = vim.tbl_keys(require(GROUPS[group]))
  table.sort(found)
  return found
end

---@param arguments string[]
function M.run(arguments)
  local group, name = arguments[1], arguments[2]
  if group == 'status' then
    group, name = 'hub', 'status'
  end
  if not GROUPS[group] then
    vim.notify(('Factory: there is no :Factory %s (:help factory-commands)'):format(group), vim.log.levels.ERROR)
    return
  end
  ---@type factory.Command?
  local command = name and require(GROUPS[group])[name]
  if not command then
    local choices = table.concat(names(group), ', ')
    vim.notify(('Factory: :Factory %s needs one of %s'):format(group, choices), vim.log.levels.ERROR)
    return
  end
  async.run(function()
    command(table.concat(arguments, ' ', 3))
  end)
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:gsub('^.-Factory', '')), '%s+', { trimempty = true })
  local before = lead == '' and #words or #words - 1
  local choices = {}
  if before == 0 then
    choices = vim.tbl_keys(GROUPS)
    table.insert(choices, 'status')
    table.sort(choices)
  elseif before == 1 and GROUPS[words[1]] then
    choices = names(words[1])
  elseif before == 2 and words[1] == 'session' and words[2] == 'answer' then
    choices = { 'allow', 'always', 'deny' }
  end
  return vim.tbl_filter(function(choice)
    return vim.startswith(choice, lead)
  end, choices)
end

return M
