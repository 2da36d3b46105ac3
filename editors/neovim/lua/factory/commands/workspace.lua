local async = require('factory.async')
local client = require('factory.client')
local pick = require('factory.pick')
local status = require('factory.status')

local M = {}

---A tab of its own, whose current folder is the worktree.
---@param workspace table
local function open(workspace)
  vim.cmd.tabnew()
  vim.cmd.tcd(vim.fn.fnameescape(workspace.path))
  vim.cmd.edit('.')
end

---@param kind string
---@return table
local function source_of(kind)
  local source = { kind = kind }
  if kind == 'RESUME_BRANCH' then
    source.branch = async.required_input('Existing branch')
  elseif kind == 'GITHUB_ISSUE' then
    source.issue = tonumber((async.required_input('Number of the issue'):gsub('^#', '')))
    if not source.issue then
      error('the number of an issue is a number, as in #42.', 0)
    end
  end
  return source
end

---@param text string the workspace's name, asked for when empty
function M.create(text)
  local labels = { MANUAL = 'New branch', RESUME_BRANCH = 'Existing branch', GITHUB_ISSUE = 'GitHub issue' }
  local repository = vim.fs.root(pick.current_path(), '.git') or pick.current_path()
  local kind = async.select({ 'MANUAL', 'RESUME_BRANCH', 'GITHUB_ISSUE' }, 'Create a workspace from', function(choice)
    return labels[choice]
  end)
  local source = source_of(kind)
  local name = text ~= '' and text or async.input('Name. Empty: the server chooses one')
  local prompt = async.input('What should Claude do there? Empty: nothing yet')
  local workspace = client.execute('factory.workspace.create', {
    repoPath = repository,
    source = source,
    name = name ~= '' and name or nil,
    prompt = prompt ~= '' and prompt or nil,
  })
  vim.notify(('Factory: %s is ready on %s.'):format(workspace.name, workspace.branch))
  open(workspace)
end

function M.open()
  open(pick.workspace())
end

---Removes the worktree; the branch and the pull request stay.
function M.archive()
  local workspace = pick.current_workspace()
  local question = ('Archive %s? Its worktree is removed and its sessions end'):format(workspace.name)
  async.select({ 'Archive' }, question, tostring)
  client.execute('factory.workspace.archive', { workspace = workspace.id, force = true })
  vim.notify(('Factory: %s is archived.'):format(workspace.name))
end

---All workspaces into the quickfix list, each with what it is at.
function M.list()
  local items = vim.tbl_map(function(workspace)
    return { filename = workspace.path, text = ('%s  %s'):format(workspace.name, status.words(workspace)) }
  end, pick.live_workspaces())
  vim.fn.setqflist({}, ' ', { title = 'Factory workspaces', items = items })
  vim.cmd.copen()
end

return M
