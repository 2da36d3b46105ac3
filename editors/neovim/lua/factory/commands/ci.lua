local async = require('factory.async')
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

---What the server offers to fix in the whole file: each problem, all of the file, the check.
M['fix-file'] = function()
  local bufnr = vim.api.nvim_get_current_buf()
  local attached = vim.lsp.get_clients({ name = 'factory', bufnr = bufnr })[1]
  if not attached then
    error('open the file that should be fixed.', 0)
  end
  local diagnostics = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(bufnr)) do
    local lsp = diagnostic.user_data and diagnostic.user_data.lsp
    if lsp and lsp.range then -- 0.10 keeps only parts of it
      table.insert(diagnostics, lsp)
    end
  end
  local err, actions = async.await(function(resume)
    client.request(attached, 'textDocument/codeAction', {
      textDocument = vim.lsp.util.make_text_document_params(bufnr),
      range = {
        start = { line = 0, character = 0 },
        ['end'] = { line = vim.api.nvim_buf_line_count(bufnr), character = 0 },
      },
      context = { diagnostics = diagnostics, only = { 'quickfix' } },
    }, resume, bufnr)
  end)
  if err then
    error(client.describe(err), 0)
  end
  local fixes = vim.tbl_filter(function(action)
    return type(action.command) == 'table' and action.command.command == FIX
  end, value(actions) or {})
  if #fixes == 0 then
    error('CI reports no problem in this file.', 0)
  end
  local chosen = async.select(fixes, 'Fix with Claude', function(action)
    return action.title
  end)
  client.execute(FIX, chosen.command.arguments[1])
end

M['fix-check'] = function()
  local workspace = pick.current_workspace()
  local pr = value(workspace.pr)
  local failed = vim.tbl_filter(function(check)
    return check.outcome == 'FAILURE'
  end, pr and pr.checks or {})
  if #failed == 0 then
    error(('no check has failed in %s.'):format(workspace.name), 0)
  end
  local check = async.select(failed, 'Failed check to fix', function(check)
    return check.name
  end)
  client.execute(FIX, { workspace = workspace.id, check = check.name })
end

---All problems of the workspace into the quickfix list.
function M.problems()
  local workspace = pick.current_workspace()
  local types = { error = 'E', warning = 'W', info = 'I', hint = 'N' }
  local items = vim.tbl_map(function(problem)
    return {
      filename = workspace.path .. '/' .. problem.path,
      lnum = value(problem.line) or 0,
      col = value(problem.column) or 0,
      type = types[problem.severity],
      text = ('%s: %s'):format(problem.tool, problem.message:match('[^\n]*')),
    }
  end, client.execute('factory.ci.problems', { workspace = workspace.id }).problems)
  vim.fn.setqflist({}, ' ', { title = 'CI of ' .. workspace.name, items = items })
  if #items > 0 then
    vim.cmd.copen()
  else
    vim.notify(('Factory: CI reports no problem in %s.'):format(workspace.name))
  end
end

M['rerun-failed'] = function()
  client.execute('factory.pr.rerunFailed', { workspace = pick.current_workspace().id })
end

return M
