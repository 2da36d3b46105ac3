-- Asking the server.
local async = require('factory.async')

local M = {}

---The client of a buffer, else any: commands work from every buffer once a server runs.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.find(bufnr)
  return vim.lsp.get_clients({ name = 'factory', bufnr = bufnr or 0 })[1]
    or vim.lsp.get_clients({ name = 'factory' })[1]
end

---@param client vim.lsp.Client
---@param command string
---@return boolean
function M.offers(client, command)
  local provider = client.server_capabilities.executeCommandProvider
  return provider ~= nil and vim.list_contains(provider.commands, command)
end

---@param client vim.lsp.Client
---@param method string
---@param params table
---@param callback fun(err: table?, result: any)
---@param bufnr? integer
function M.request(client, method, params, callback, bufnr)
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, callback, bufnr)
  else
    client.request(method, params, callback, bufnr)
  end
end

---One line: what went wrong and the next step. The server's error has `data = {kind, message, hint}`.
---@param err table
---@return string
function M.describe(err)
  local data = type(err.data) == 'table' and err.data or {}
  local message = (data.message or err.message or 'unknown error'):gsub('([^.!?…:])$', '%1.')
  return data.hint and data.hint ~= '' and message .. ' ' .. data.hint or message
end

---@param err table?
---@return string?
function M.kind(err)
  return err and type(err.data) == 'table' and err.data.kind or nil
end

---Runs a command of the server and calls back with its error or result.
---@param client vim.lsp.Client
---@param command string
---@param params table
---@param callback fun(err: table?, result: any)
function M.send(client, command, params, callback)
  local argument = next(params) == nil and vim.empty_dict() or params
  M.request(client, 'workspace/executeCommand', { command = command, arguments = { argument } }, callback)
end

---Runs a command of the server and returns its error or result. Only inside `async.run`.
---@param command string
---@param params? table
---@return table? err
---@return any result
function M.try(command, params)
  local client = M.find()
  if not client then
    error('no server runs: open a file of a Git repository (:checkhealth factory).', 0)
  end
  if not M.offers(client, command) then
    error(('this server does not have %s: update factory-ls.'):format(command), 0)
  end
  return async.await(function(resume)
    M.send(client, command, params or {}, resume)
  end)
end

---Like `try`, and raises what went wrong.
---@param command string
---@param params? table
---@return any
function M.execute(command, params)
  local err, result = M.try(command, params)
  if err then
    error(M.describe(err), 0)
  end
  return result
end

return M
