-- What each workspace is at, in words, kept fresh by `factory/stateChanged`.
local client_of = require('factory.client')

local M = {}

local CI = { SUCCESS = 'CI passed', FAILURE = 'CI failed', PENDING = 'CI running', UNKNOWN = 'CI unknown' }
local ENDED = { COMPLETED = true, FAILED = true, STOPPED = true }

---@type table<integer, string> client id → text
local texts = {}

---A JSON null arrives as `vim.NIL`, which is true in Lua.
---@generic T
---@param value T
---@return T?
function M.value(value)
  if value == vim.NIL then
    return nil
  end
  return value
end

---@param session table
---@return boolean
function M.ended(session)
  return ENDED[session.status] == true
end

---@param workspace table
---@return string
function M.words(workspace)
  local pr = M.value(workspace.pr)
  local parts = { pr and (CI[pr.ciStatus] or CI.UNKNOWN) or 'no pull request' }
  if workspace.ratchet.enabled then
    table.insert(parts, 'ratchet ' .. workspace.ratchet.state)
  end
  local running, waiting = 0, 0
  for _, session in ipairs(workspace.sessions) do
    waiting = waiting + #session.pending
    if session.status == 'STARTING' or session.status == 'RUNNING' then
      running = running + 1
    end
  end
  if running > 0 then
    table.insert(parts, running .. ' running')
  end
  if waiting > 0 then
    table.insert(parts, waiting .. ' waiting for you')
  end
  return table.concat(parts, ' · ')
end

---Asks again what the client's workspace is at, then redraws and fires `User FactoryStateChanged`.
---@param client_id integer
function M.refresh(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  local root = client and client.config.root_dir
  if not client or not root or not client_of.offers(client, 'factory.workspace.get') then
    return
  end
  client_of.send(client, 'factory.workspace.get', { workspace = root }, function(err, workspace)
    texts[client_id] = not err and M.words(workspace) or ''
    vim.cmd.redrawstatus({ bang = true })
    vim.api.nvim_exec_autocmds('User', { pattern = 'FactoryStateChanged' })
  end)
end

---@param bufnr integer
---@return string
function M.text(bufnr)
  local client = vim.lsp.get_clients({ name = 'factory', bufnr = bufnr })[1]
  return client and texts[client.id] or ''
end

return M
