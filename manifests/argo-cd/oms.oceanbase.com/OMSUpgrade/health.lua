-- Health of an OMSUpgrade for Argo CD. Suspended: it waits for a person, or for its window.
local waits = { Paused = true, WaitingForApproval = true, WaitingForWindow = true }

local function condition(name)
  if obj.status ~= nil and obj.status.conditions ~= nil then
    for _, one in ipairs(obj.status.conditions) do
      if one.type == name then return one end
    end
  end
  return {}
end

local ready = condition("Ready")
if ready.status == nil then
  return { status = "Progressing", message = "the operator has not looked at it yet" }
end
if obj.status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "the operator has not taken up the last edit yet: " .. ready.message }
end
if ready.status == "True" then return { status = "Healthy", message = ready.message } end
if condition("Stalled").status == "True" then return { status = "Degraded", message = ready.message } end
if waits[ready.reason] then return { status = "Suspended", message = ready.message } end
return { status = "Progressing", message = ready.message }
