package Contenders;

# The programs a benchmark compares, each configured to do the same.
#
#   my $c = Contenders->start('assayd', $dir, corpus => $corpus, build => $build);
#   $c->sockets; $c->pids; $c->memory('VmRSS'); $c->end;
#
# null, assayd, opendkim, opendmarc, chain (opendkim, then opendmarc), rspamd.
# Options: sign => 1 signs for the domains of the corpus; tcp => 1 listens on
# TCP instead of a Unix socket.
use strict;
use warnings;
use IO::Socket::UNIX;
use Assay::Dir qw(ports spawn stop running slurp listening);
use Assay::Fetched qw(prefix program library_path);

my %program = (
    opendkim => [program('opendkim')], opendmarc => [prefix() . '/usr/sbin/opendmarc'],
    chain => [program('opendkim'), prefix() . '/usr/sbin/opendmarc'], rspamd => [prefix() . '/usr/bin/rspamd'],
    assayd => [], null => [],
);

sub have {
    my ($name) = @_;
    return !grep { !-x } @{ $program{$name} };
}

# A /dev/log that takes every line and forgets it, in a /dev of our own.
sub syslog {
    my ($dir) = @_;
    my $dev = $dir->dir('dev');
    system("mount -t tmpfs dev $dev && mkdir $dev/shm && chmod 1777 $dev/shm") == 0 or die "no /dev\n";
    for my $node (qw(null zero random urandom full tty)) {
        system("touch $dev/$node && mount --bind /dev/$node $dev/$node") == 0 or die "no /dev/$node\n";
    }
    system("ln -s /proc/self/fd $dev/fd; mount --move $dev /dev") == 0 or die "no /dev\n";
    
    my $log = IO::Socket::UNIX->new(Local => '/dev/log', Type => SOCK_DGRAM)
        or die "/dev/log: $!\n";
    spawn(code => sub { while (1) { sysread $log, my $line, 65536 } });
    return;
}

sub start {
    my ($class, $name, $dir, %o) = @_;
    my $self = bless { name => $name, dir => $dir, %o, pids => [], sockets => [] }, $class;
    $self->can("start_$name")->($self, $dir->dir("$name-" . int rand 1e9));
    return $self;
}

# As they were run, and what each was told.
sub commands { return @{ $_[0]{commands} } }

sub sockets { return @{ $_[0]{sockets} } }

# All processes of it: a daemon's children, too.
sub pids {
    my ($self) = @_;
    my @all = @{ $self->{pids} };
    for my $stat (glob '/proc/[0-9]*/stat') {
        my ($pid, $parent) = slurp($stat) =~ /^(\d+) \(.*\) \S (\d+)/ or next;
        push @all, $pid if grep { $_ == $parent } @{ $self->{pids} };
    }
    return @all;
}

sub memory {
    my ($self, $key) = @_;
    my $sum = 0;
    for my $pid ($self->pids) {
        my ($kb) = slurp("/proc/$pid/status") =~ /^$key:\s+(\d+)/m;
        $sum += ($kb // 0) / 1024;
    }
    return $sum;
}

sub log {
    my ($self) = @_;
    return join '', map { slurp($_) } @{ $self->{logs} // [] };
}

sub end {
    my ($self) = @_;
    Assay::Dir::stop($_, 'TERM', 20) for @{ $self->{pids} };
    return;
}

# One more process and the socket it listens on, as it wants it written.
sub run {
    my ($self, $where, @command) = @_;
    my $log = $self->{dir}->path("log-$self->{name}-" . @{ $self->{pids} });
    my $pid = spawn(command => [@command], log => $log, env => { LD_LIBRARY_PATH => library_path() });
    push @{ $self->{logs} }, $log;
    push @{ $self->{commands} }, "@command";
    push @{ $self->{pids} }, $pid;
    push @{ $self->{sockets} }, $where =~ m{/} ? $where : "127.0.0.1:$where";
    Assay::Dir::wait_for(sub { listening($where) || !running($pid) }, 30);
    die "$command[0] does not start: " . slurp($log) unless running($pid);
    return;
}

# A path or a port, and the same as libmilter takes it.
sub place {
    my ($self, $path) = @_;
    return ("$path/sock", "unix:$path/sock") unless $self->{tcp};
    my $port = ports(1);
    return ($port, "inet:$port\@127.0.0.1");
}

# [domain, PEM] of those to sign for: the corpus's, and "domains" besides that
# send nothing.
sub signing_keys {
    my ($self) = @_;
    return if !$self->{sign};
    my @pems = glob "$self->{corpus}{keys}/*.pem";
    my @keys = map { [m{([^/]+)\.pem$}, $_] } @pems;
    push @keys, map { ["other$_.example", $pems[$_ % @pems]] } 1 .. $self->{domains} // 0;
    return @keys;
}

sub start_null {
    my ($self, $path) = @_;
    my ($where, $socket) = $self->place($path);
    return $self->run($where, "$self->{build}/t/bench/null", $socket);
}

sub start_assayd {
    my ($self, $path) = @_;
    my ($where, $socket) = $self->place($path);
    my $text = "socket = \"$socket\"\nuser = \"\"\nauthserv_id = \"mx.test.example\"\n"
        . "key_dir = \"$path/keys\"\njournal_dir = \"$path/journal\"\nrequire_published = no\n"
        . "nameservers = { \"127.0.0.1\" }\ncontrol_socket = \"\"\n"
        . "internal_networks = { \"10.0.0.0/8\" }\n";
    mkdir "$path/keys", 0700;
    for my $key ($self->signing_keys) {
        my ($domain, $pem) = @$key;
        mkdir "$path/keys/$domain", 0700;
        chmod 0600, $pem;
        link $pem, "$path/keys/$domain/sel.pem" or die "$domain: $!\n";
    }
    my $file = $self->{dir}->write('assay.conf', $text);
    rename $file, "$path/assay.conf";
    $self->run($where, "$self->{build}/assayd", '-f', '-c', "$path/assay.conf");
    sleep 1;    # it listens before it has read its keys
    return;
}

sub start_opendkim {
    my ($self, $path) = @_;
    my ($where, $socket) = $self->place($path);
    $socket =~ s/^unix:/local:/;
    my $conf = "Socket $socket\nSyslog yes\nSyslogSuccess yes\nMode " . ($self->{sign} ? 's' : 'v')
        . "\nNameservers 127.0.0.1\nAuthservID mx.test.example\nUserID root\nRequireSafeKeys no\n"
        . "Canonicalization relaxed/relaxed\nAutoRestart no\nBackground no\nMinimumKeyBits 1024\n";
    if ($self->{sign}) {
        my @keys = $self->signing_keys;
        $self->{dir}->write('od-keys', join '', map { "k$_ $keys[$_][0]:sel:$keys[$_][1]\n" } 0 .. $#keys);
        $self->{dir}->write('od-signing', join '', map { "*\@$keys[$_][0] k$_\n" } 0 .. $#keys);
        $conf .= 'KeyTable ' . $self->{dir}->path('od-keys') . "\nSigningTable refile:"
            . $self->{dir}->path('od-signing') . "\nMacroList auth_authen\n";
    }
    return $self->run($where, program('opendkim'), '-f', '-x', $self->{dir}->write('opendkim.conf', $conf));
}

sub start_opendmarc {
    my ($self, $path) = @_;
    my ($where, $socket) = $self->place("$path");
    ($where, $socket) = map { s/sock$/dmarc.sock/r } $where, $socket;
    $socket =~ s/^unix:/local:/;
    my $conf = "Socket $socket\nSyslog true\nAuthservID mx.test.example\nTrustedAuthservIDs mx.test.example\n"
        . "SPFIgnoreResults true\nSPFSelfValidate true\nRejectFailures false\nUserID root\nBackground false\n"
        . "PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat\n";
    return $self->run($where, prefix() . '/usr/sbin/opendmarc', '-f', '-c',
        $self->{dir}->write('opendmarc.conf', $conf));
}

# Its proxy worker scans by itself; of its modules only those that do what the
# others do.
sub start_rspamd {
    my ($self, $path) = @_;
    my ($where) = $self->place($path);
    my $bind = $where =~ m{/} ? "$where mode=0666" : "127.0.0.1:$where";
    my $share = prefix() . '/usr/share/rspamd';
    my $conf = <<"EOT";
options {
    pidfile = "$path/pid"; filters = "dkim"; local_addrs = [];
    url_tld = "$path/tld"; tempdir = "$path"; hs_cache_dir = "$path";
    dns { nameserver = ["127.0.0.1"]; timeout = 5s; }
}
logging { type = "syslog"; level = "notice"; }
worker "rspamd_proxy" {
    bind_socket = "$bind"; milter = yes; timeout = 60s; count = 1;
    upstream "local" { default = yes; self_scan = yes; }
}
lua = "$path/rules.lua";
group "policies" { symbols {
    R_SPF_ALLOW { weight = 0; } R_SPF_FAIL { weight = 0; } R_SPF_SOFTFAIL { weight = 0; }
    R_SPF_NEUTRAL { weight = 0; } R_SPF_NA { weight = 0; } R_SPF_DNSFAIL { weight = 0; } R_SPF_PERMFAIL { weight = 0; }
} }
dkim { skip_multi = false; }
spf { }
dmarc { actions { } }
milter_headers { use = ["authentication-results"]; }
modules { path = "$share/plugins/spf.lua"; path = "$share/plugins/dmarc.lua";
    path = "$share/plugins/milter_headers.lua"; path = "$share/plugins/dkim_signing.lua"; }
EOT
    if ($self->{sign}) {
        $conf .= "dkim_signing { enabled = true; sign_authenticated = true; allow_username_mismatch = true;\n"
            . " use_esld = false; selector = \"sel\"; path = \"$self->{corpus}{keys}/\$domain.pem\"; }\n";
    }
    Assay::Dir::spew("$path/rules.lua", "require \"lua_util\"\n");
    # The whole list of suffixes is compiled for seconds at each start.
    Assay::Dir::spew("$path/tld", "com\nnet\norg\nexample\n");
    my $file = $self->{dir}->write('rspamd.conf', $conf);
    $self->run($where, prefix() . '/usr/bin/rspamd', '-f', '-i', '-c', $file,
        map { ('--var', $_) } "SHAREDIR=$share", "LUALIBDIR=$share/lualib", "PLUGINSDIR=$share/plugins",
        "RULESDIR=$share/rules", "DBDIR=$path", "RUNDIR=$path", "LOGDIR=$path", "CONFDIR=$path",
        "LOCAL_CONFDIR=$path", 'WWWDIR=' . $path);
    # It listens before the process is there that accepts.
    Assay::Dir::wait_for(sub { $self->pids > 1 }, 60) or die "rspamd has no worker\n";
    sleep 2;
    return;
}

sub start_chain {
    my ($self, $path) = @_;
    $self->start_opendkim($path);
    return $self->start_opendmarc($path);
}

1;
