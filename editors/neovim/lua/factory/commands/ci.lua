local async = require('factory.async')
local buffers = require('factory.buffers')
local client = require('factory.client')
local pick = require('factory.pick')
local value = require('factory.status').value

local FIX = 'factory.ci.fix'

local M = {}

---Ids of the problems whose diagnostics touch the cursor's line.
---@return string[]
local function under_cursor()
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local ids = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    local lsp = diagnostic.user_data and diagnostic.user_data.lsp
    local id = lsp and type(lsp.data) == 'table' and lsp.data.problem
    if id and diagnostic.lnum <= row and row <= (diagnostic.end_lnum or diagnostic.lnum) then
      table.insert(ids, id)
    end
  end
  return ids
end

---The problem under the cursor; elsewhere, one picked from all of the workspace.
function M.fix()
  local ids = under_cursor()
  local workspace = pick.current_workspace()
  local id = ids[1]
  if #ids ~= 1 then
    local problems = client.execute('factory.ci.problems', { workspace = workspace.id }).problems
    if #ids > 1 then
      problems = vim.tbl_filter(function(problem)
        return vim.list_contains(ids, problem.id)
      end, problems)
    end
    if #problems == 0 then
      error(('CI reports no problem in %s.'):format(workspace.name), 0)
    end
    id = async.select(problems, 'Problem to fix', function(problem)
      return ('%s:%s  %s'):format(problem.path, value(problem.line) or '-', problem.message:match('[^\n]*'))
    end).id
  end
  client.execute(FIX, { workspace = workspace.id, problem = id })
end

---The current file, relative to the worktree.
---@param workspace table
---@return string
local function path_in(workspace)
  local root, file = vim.uv.fs_realpath(workspace.path), vim.uv.fs_realpath(vim.api.nvim_buf_get_name(0))
  if not root or not file or not vim.startswith(file, root .. '/') then
    error(('open a file of %s.'):format(workspace.name), 0)
  end
  return file:sub(#root + 2)
end

M['fix-file'] = function()
  local workspace = pick.current_workspace()
  client.execute(FIX, { workspace = workspace.id, path = path_in(workspace) })
end

---@param workspace table
---@param prompt string
---@return string
local function pick_failed_check(workspace, prompt)
  local pr = value(workspace.pr)
  local failed = vim.tbl_filter(function(check)
    return check.outcome == 'FAILURE'
  end, pr and pr.checks or {})
  if #failed == 0 then
    error(('no check has failed in %s.'):format(workspace.name), 0)
  end
  return async.select(failed, prompt, function(check)
    return check.name
  end).name
end

M['fix-check'] = function()
  local workspace = pick.current_workspace()
  client.execute(FIX, { workspace = workspace.id, check = pick_failed_check(workspace, 'Failed check to fix') })
end

---Opens the log of a failed check in a window of its own.
function M.log()
  local workspace = pick.current_workspace()
  local check = pick_failed_check(workspace, 'Failed check to read the log of')
  buffers.show(('factory://log/%s/%s'):format(workspace.id, vim.uri_encode(check)))
end

---@param workspace table
---@param path? string relative; nil for all
---@return table[] items of a quickfix list
local function items_of(workspace, path)
  local types = { error = 'E', warning = 'W', info = 'I', hint = 'N' }
  local found = client.execute('factory.ci.problems', { workspace = workspace.id, path = path })
  return vim.tbl_map(function(problem)
    return {
      filename = workspace.path .. '/' .. problem.path,
      lnum = value(problem.line) or 0,
      col = value(problem.column) or 0,
      type = types[problem.severity],
      text = ('%s: %s'):format(problem.tool, problem.message:match('[^\n]*')),
    }
  end, found.problems)
end

---All problems of the workspace into the quickfix list.
function M.problems()
  local workspace = pick.current_workspace()
  local items = items_of(workspace)
  vim.fn.setqflist({}, ' ', { title = 'CI of ' .. workspace.name, items = items })
  if #items > 0 then
    vim.cmd.copen()
  else
    vim.notify(('Factory: CI reports no problem in %s.'):format(workspace.name))
  end
end

---Those of the current file into the window's location list.
M['file-problems'] = function()
  local workspace = pick.current_workspace()
  local items = items_of(workspace, path_in(workspace))
  vim.fn.setloclist(0, {}, ' ', { title = 'CI of this file', items = items })
  if #items > 0 then
    vim.cmd.lopen()
  else
    vim.notify('Factory: CI reports no problem in this file.')
  end
end

M['rerun-failed'] = function()
  client.execute('factory.pr.rerunFailed', { workspace = pick.current_workspace().id })
end

return M
