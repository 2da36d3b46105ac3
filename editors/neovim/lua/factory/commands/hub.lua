local async = require('factory.async')
local client = require('factory.client')
local pick = require('factory.pick')
local status = require('factory.status')

local M = {}

---The hub serves all editors; Claude sessions outlive it.
function M.restart()
  local command, problem = require('factory.server').find(vim.fs.root(0, '.git'))
  if not command then
    error(problem, 0)
  end
  local result = async.await(function(resume)
    vim.system(
      vim.list_extend(vim.deepcopy(command), { 'hub', 'restart' }),
      { timeout = 30000 },
      vim.schedule_wrap(resume)
    )
  end)
  if result.code ~= 0 then
    error(('the hub did not restart: %s'):format(vim.trim(result.stderr or '')), 0)
  end
  require('factory.lsp').restart()
end

---Workspaces and what each is at, then the hub.
function M.status()
  local lines = vim.tbl_map(function(workspace)
    local reason = workspace.ratchet.enabled and ('\n    %s'):format(workspace.ratchet.reason) or ''
    return ('%s  %s%s'):format(workspace.name, status.words(workspace), reason)
  end, pick.live_workspaces())
  local hub = client.execute('factory.hub.status')
  local shape = 'factory-ls %s  pid %d, %d editors, %d sessions'
  table.insert(lines, shape:format(hub.version, hub.pid, hub.editors, hub.sessions))
  vim.notify(table.concat(lines, '\n'))
end

return M
