{{- define "muster.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 57 characters: "-admin" and "-probe" must still fit into a DNS label. */}}
{{- define "muster.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := printf "%s-%s" .Release.Name $name -}}
{{- if contains $name .Release.Name -}}
{{- $full = .Release.Name -}}
{{- end -}}
{{- default $full .Values.fullnameOverride | trunc 57 | trimSuffix "-" -}}
{{- end -}}

{{- define "muster.adminName" -}}
{{- include "muster.fullname" . }}-admin
{{- end -}}

{{- define "muster.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "muster.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Takes a list: the root and the component. The component keeps the helm test's pod out of the servers' selectors. */}}
{{- define "muster.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "muster.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "muster.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion | trunc 63 | trimAll "._-" -}}
{{- end -}}

{{/* Without the chart's version: a new chart version alone must not replace the pods. */}}
{{- define "muster.podLabels" -}}
{{ include "muster.selectorLabels" . }}
app.kubernetes.io/version: {{ include "muster.version" (index . 0) | quote }}
{{- end -}}

{{- define "muster.labels" -}}
{{- $root := index . 0 -}}
{{ include "muster.podLabels" . }}
app.kubernetes.io/part-of: muster
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "muster.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The shortest grace period that fits the shutdown: see "The time it takes" in docs/shutdown.md. */}}
{{- define "muster.neededGraceSeconds" -}}
{{- with .Values.shutdown -}}
{{- add .lameDuckSeconds .drainSeconds .cancelSeconds 2 -}}
{{- end -}}
{{- end -}}

{{- define "muster.graceSeconds" -}}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds -}}
{{- include "muster.neededGraceSeconds" . -}}
{{- else -}}
{{- int64 .Values.terminationGracePeriodSeconds -}}
{{- end -}}
{{- end -}}

{{/* The service's configuration file. Sorted by key, so that it changes only with its content. */}}
{{- define "muster.config" -}}
{{- $config := .Values.config | default dict -}}
{{- $own := dict
  "server" (dict "host" "0.0.0.0" "port" (int64 .Values.server.port))
  "admin" (dict "host" "0.0.0.0" "port" (int64 .Values.admin.port))
  "backends" dict
  "shutdown" (dict
    "lame-duck" (printf "PT%dS" (int64 .Values.shutdown.lameDuckSeconds))
    "linger" (printf "PT%dS" (int64 .Values.shutdown.lingerSeconds))
    "drain" (printf "PT%dS" (int64 .Values.shutdown.drainSeconds))
    "cancel" (printf "PT%dS" (int64 .Values.shutdown.cancelSeconds)))
  "log" (dict "format" (dig "log" "format" "json" $config)) -}}
{{- range $name, $backend := .Values.backends -}}
{{- with $backend.baseUri -}}
{{- $_ := set $own.backends $name (dict "base-uri" .) -}}
{{- end -}}
{{- end -}}
{{- merge $own (deepCopy $config) | toYaml -}}
{{- end -}}

{{- define "muster.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "muster.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end -}}
