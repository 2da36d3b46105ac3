-- Which workspace and which session a command is about.
local async = require('factory.async')
local client = require('factory.client')
local status = require('factory.status')

local M = {}

---The current file, else the current folder.
---@return string
function M.current_path()
  local name = vim.api.nvim_buf_get_name(0)
  return vim.bo.buftype == '' and name ~= '' and name or assert(vim.uv.cwd())
end

---@return table[]
function M.live_workspaces()
  return vim.tbl_filter(function(workspace)
    return workspace.status ~= 'ARCHIVED'
  end, client.execute('factory.workspace.list'))
end

---@return table
function M.workspace()
  local workspaces = M.live_workspaces()
  if #workspaces == 0 then
    error('there is no workspace yet: run :Factory workspace create.', 0)
  end
  return async.select(workspaces, 'Workspace', function(workspace)
    return ('%s  %s'):format(workspace.name, status.words(workspace))
  end)
end

---The workspace of the current file; when it is in none, the user picks one.
---@return table
function M.current_workspace()
  local err, workspace = client.try('factory.workspace.get', { workspace = M.current_path() })
  if not err then
    return workspace
  end
  if client.kind(err) ~= 'notFound' then
    error(client.describe(err), 0)
  end
  return M.workspace()
end

---A session of the workspace, by default one that has not ended; asked for only when there are several.
---@param workspace table
---@param wanted? fun(session: table): boolean
---@return table
function M.session(workspace, wanted)
  local open = vim.tbl_filter(wanted or function(session)
    return not status.ended(session)
  end, workspace.sessions)
  if #open == 0 then
    error(('there is no such Claude session in %s: run :Factory session start.'):format(workspace.name), 0)
  end
  if #open == 1 then
    return open[1]
  end
  return async.select(open, 'Claude session', function(session)
    return ('%s  %s  %s'):format(session.workflow, session.status, session.id)
  end)
end

return M
