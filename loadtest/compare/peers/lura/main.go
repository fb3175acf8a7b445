// lura does the service's job with Lura, the engine of KrakenD CE.
//
//	lura PORT BACKENDS DEADLINE
package main

import (
	_ "embed"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/luraproject/lura/v2/config"
	"github.com/luraproject/lura/v2/logging"
	"github.com/luraproject/lura/v2/proxy"
	"github.com/luraproject/lura/v2/router/gin"
	server "github.com/luraproject/lura/v2/transport/http/server"
)

//go:embed krakend.json
var configuration string

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: lura PORT BACKENDS DEADLINE")
	}
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.CreateTemp("", "krakend-*.json")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := strings.NewReplacer("BACKENDS", os.Args[2], "DEADLINE", os.Args[3]).WriteString(file, configuration); err != nil {
		log.Fatal(err)
	}
	service, err := config.NewParser().Parse(file.Name())
	os.Remove(file.Name())
	if err != nil {
		log.Fatal(err)
	}
	service.Port = port
	logger, err := logging.NewLogger("ERROR", os.Stderr, "lura")
	if err != nil {
		log.Fatal(err)
	}
	// The engine as in KrakenD CE. Lura's own default engine always writes an access log.
	gin.NewFactory(gin.Config{
		Engine:         gin.NewEngine(service, gin.EngineOptions{Logger: logger, Writer: os.Stdout}),
		HandlerFactory: gin.EndpointHandler,
		ProxyFactory:   proxy.DefaultFactory(logger),
		Logger:         logger,
		RunServer:      server.RunServer,
	}).New().Run(service)
}
