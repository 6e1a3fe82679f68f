package Assay::Sendmail;

# A whole Sendmail of the test's own, from unpacked packages, in the test's
# directory and on a loopback port.
#
#   my $mta = Assay::Sendmail->new($dir,
#       milters => [ assay => 'unix:/path/of/its.sock' ],
#       flags   => 'F=T, ', times => 'C:5s;S:10s;R:10s;E:20s',
#       sink    => $sink->port,                # where all other mail goes
#       mc      => "define(`confMUST_QUOTE_CHARS', `')dnl\n",   # before MAILER
#       rules   => "...");                     # after everything
#   $mta->port; ($message) = $mta->wait_mail(1); $mta->wait_log(qr/quarantine/);
#
# Its host name is not Assay::Postfix's: each refuses mail from its like, lest
# it loop. A client whose HELO is NAME.auth.example counts as authenticated as NAME:
# {auth_authen} and {auth_type} are set as after SMTP AUTH.
use strict;
use warnings;
use Carp;
use Cwd 'abs_path';
use Assay::Dir qw(ports spawn stop wait_for slurp spew listening);
use Assay::Fetched qw(prefix program library_path);

sub new {
    my ($class, $dir, %o) = @_;
    my $path = $dir->dir($o{name} // 'sendmail');
    my $self = bless { path => $path, port => ports(1), flags => 'F=T, ',
                       times => 'C:5s;S:10s;R:10s;E:20s',
                       hostname => 'sendmail.test.example', domains => ['test.example'], %o }, $class;
    mkdir "$path/$_" for qw(mail sock log);
    mkdir "$path/queue", 0700;
    chmod 01777, "$path/mail";
    $self->build_shim;
    $self->configure;
    $self->start unless defined $o{start} && !$o{start};
    return $self;
}

sub port { return $_[0]{port} }

# syslog into a file, a host name with a dot in it: see t/probe/sendmail_shim.c.
sub build_shim {
    my ($self) = @_;
    my $source = ($ENV{top_srcdir} // '.') . '/t/probe/sendmail_shim.c';
    my $cc = $ENV{cc} // 'cc';
    system("$cc -O1 -shared -fPIC -o $self->{path}/shim.so $source -ldl") == 0
        or croak 'sendmail_shim.c does not compile';
    return;
}

sub environment {
    my ($self) = @_;
    return (LD_LIBRARY_PATH => library_path(), LD_PRELOAD => "$self->{path}/shim.so",
        SHIM_SYSLOG => "$self->{path}/log/syslog", SHIM_HOSTNAME => $self->{hostname});
}

sub configure {
    my ($self) = @_;
    my $path = $self->{path};
    my $cf = abs_path(prefix()) . '/usr/share/sendmail/cf';
    spew("$path/service.switch", "hosts files\naliases files\n");    # no DNS
    spew("$path/hosts", "127.0.0.1 localhost $self->{hostname}\n");
    spew("$path/$_", '') for qw(aliases statistics);
    spew("$path/local-host-names", join "\n", @{ $self->{domains} }, '');
    spew("$path/deliver", <<"EOT");
#!/bin/sh
f=$path/mail/\$(date +%s.%N).\$\$
{ printf 'X-Envelope-From: %s\\nX-Envelope-To: %s\\n' "\$1" "\$2"; cat; } > "\$f" && mv "\$f" "\$f.eml"
EOT
    chmod 0755, "$path/deliver";
    spew("$path/sendmail.mc", $self->mc);
    system("m4 -D_CF_DIR_=$cf/ $cf/m4/cf.m4 $path/sendmail.mc > $path/sendmail.cf 2> $path/log/m4") == 0
        or croak slurp("$path/log/m4");
    return;
}

# A milter set up by INPUT_MAIL_FILTER gets the default macros; one written
# into the .cf by hand gets none.
sub filters {
    my ($self) = @_;
    my @pairs = @{ $self->{milters} // [] };
    my $text = '';
    while (my ($name, $socket) = splice @pairs, 0, 2) {
        $text .= "INPUT_MAIL_FILTER(`$name', `S=$socket, $self->{flags}T=$self->{times}')dnl\n";
    }
    return $text;
}

sub mc {
    my ($self) = @_;
    my $path = $self->{path};
    my $sink = $self->{sink} // 1;
    my $mc = $self->{mc} // '';
    my $rules = $self->{rules} // '';
    my $filters = $self->filters;
    return <<"EOT";
VERSIONID(`test')
OSTYPE(`linux')dnl
define(`MAIL_SETTINGS_DIR', `$path/')dnl
define(`confCW_FILE', `$path/local-host-names')dnl
define(`ALIAS_FILE', `$path/aliases')dnl
define(`QUEUE_DIR', `$path/queue')dnl
define(`STATUS_FILE', `$path/statistics')dnl
define(`HELP_FILE', `$path/helpfile')dnl
define(`confPID_FILE', `$path/sendmail.pid')dnl
define(`confSERVICE_SWITCH_FILE', `$path/service.switch')dnl
define(`confHOSTS_FILE', `$path/hosts')dnl
define(`confHOST_STATUS_DIRECTORY', `')dnl
define(`confDOMAIN_NAME', `$self->{hostname}')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupReadableKeyFile,GroupWritableDirPathSafe,GroupWritableIncludeFile,RunProgramInUnsafeDirPath,TrustStickyBit,MapInUnsafeDirPath,ErrorHeaderInUnsafeDirPath,ClassFileInUnsafeDirPath,LinkedMapInWritableDir')dnl
define(`confTO_IDENT', `0')dnl
define(`confDELIVERY_MODE', `background')dnl
define(`confLOG_LEVEL', `15')dnl
define(`confMILTER_LOG_LEVEL', `14')dnl
define(`confDONT_PROBE_INTERFACES', `true')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`confREFUSE_LA', `999')dnl
define(`confQUEUE_LA', `999')dnl
define(`confDELAY_LA', `0')dnl
define(`confCONNECTION_RATE_THROTTLE', `0')dnl
define(`confBAD_RCPT_THROTTLE', `0')dnl
DAEMON_OPTIONS(`Family=inet, Name=MTA, Addr=127.0.0.1, Port=$self->{port}')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`use_cw_file')dnl
define(`LOCAL_MAILER_PATH', `$path/deliver')dnl
define(`LOCAL_MAILER_ARGS', `deliver \$g \$u')dnl
dnl any user is known, and gets no -f or -r argument
MODIFY_MAILER_FLAGS(`LOCAL', `-w')dnl
MODIFY_MAILER_FLAGS(`LOCAL', `-f')dnl
MODIFY_MAILER_FLAGS(`LOCAL', `-r')dnl
define(`LOCAL_RELAY', `')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP \$h $sink')dnl
${mc}MAILER(`local')dnl
MAILER(`smtp')dnl
${filters}LOCAL_CONFIG
Kmac macro
LOCAL_RULESETS
SLocal_check_mail
R\$*\t\$: < \$&s > \$1
R< \$- .auth.example > \$*\t\$: \$(mac {auth_authen} \$@ \$1 \$) \$(mac {auth_type} \$@ PLAIN \$) \$2
R< \$* > \$*\t\$: \$2
$rules
EOT
}

# Runs sendmail on this instance's configuration; returns what it printed.
sub run {
    my ($self, @arguments) = @_;
    my $input = ref $arguments[-1] ? ${ pop @arguments } : '';
    my $out = "$self->{path}/log/run.out";
    spew("$self->{path}/log/run.in", $input);
    unlink $out;
    my $pid = spawn(log => $out, env => { $self->environment }, code => sub {
        open STDIN, '<', "$self->{path}/log/run.in" or die "$!";
        exec { program('sendmail') } program('sendmail'), '-C', "$self->{path}/sendmail.cf", @arguments
            or die "sendmail: $!";
    });
    $self->{status} = stop($pid, 0, 60);
    return slurp($out);
}

sub start {
    my ($self) = @_;
    # In the foreground, and by its full path: it wants to start itself again.
    $self->{pid} = spawn(
        command => [program('sendmail'), '-C', "$self->{path}/sendmail.cf", '-bD', '-q1h'],
        env => { $self->environment }, log => "$self->{path}/log/out");
    wait_for(sub { listening($self->{port}) }, 10)
        or croak 'sendmail does not start: ' . slurp("$self->{path}/log/out") . $self->log;
    return;
}

sub stop_mta {
    my ($self) = @_;
    return stop(delete $self->{pid});
}

sub log { return slurp("$_[0]{path}/log/syslog") }

# The log once it matches, nothing after so many seconds.
sub wait_log {
    my ($self, $pattern, $seconds) = @_;
    return wait_for(sub { my $log = $self->log; $log =~ $pattern ? $log : '' }, $seconds);
}

# Messages delivered here: octets with two fields of the mailer's on top.
sub mail {
    my ($self) = @_;
    return map { slurp($_) } glob "$self->{path}/mail/*.eml";
}

sub wait_mail {
    my ($self, $n, $seconds) = @_;
    wait_for(sub { my @all = glob "$self->{path}/mail/*.eml"; @all >= $n }, $seconds) or return;
    return $self->mail;
}

1;
